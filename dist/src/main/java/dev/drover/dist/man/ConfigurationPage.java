package dev.drover.dist.man;

import dev.drover.server.config.ConfigKey;
import dev.drover.server.config.ConfigKeys;
import dev.drover.spi.DriverProvider;
import java.util.Collection;
import java.util.TreeMap;

/** The page about the daemon's configuration file: every key with its default. */
final class ConfigurationPage {
  private ConfigurationPage() {}

  static String of(PageMaker maker, Collection<? extends DriverProvider> drivers) {
    Roff page = maker.page("droverd.conf", 5, "configuration of droverd");
    page.heading("DESCRIPTION")
        .paragraph(
            "A file in TOML that droverd reads when it is started with --config. It needs none. An"
                + " unknown key is refused with the nearest known one. The installed file is"
                + " /etc/drover/droverd.conf; it sets nothing, and every key in it is explained.");
    String section = "";
    for (ConfigKey<?> key : ConfigKeys.all()) {
      if (!key.section().equals(section)) {
        section = key.section();
        page.heading("[" + section + "]");
      }
      page.item(Roff.bold(key.name()) + " = " + Roff.italic(key.initialText()), key.text());
    }
    for (DriverProvider driver : drivers) {
      page.heading("[driver." + driver.scheme() + "]").paragraph(driver.description());
      new TreeMap<>(driver.settings())
          .forEach((name, meaning) -> page.item(Roff.bold(name), meaning));
    }
    page.heading("SEE ALSO").marked(Roff.page("droverd", 8));
    return page.text();
  }
}
