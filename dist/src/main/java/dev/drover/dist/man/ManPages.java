package dev.drover.dist.man;

import dev.drover.client.cli.CommandModel;
import dev.drover.server.Droverd;
import dev.drover.server.lifecycle.Host;
import dev.drover.spi.DriverProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Writes the manual: drover(1), a page for each of its commands, droverd(8), droverd.conf(5). */
public final class ManPages {
  private ManPages() {}

  /**
   * Writes the pages below a directory, as {@code man1/drover.1} and so on.
   *
   * @param arguments the directory, and the date of the release as in 2026-01-31
   * @throws IOException where a page cannot be written
   */
  public static void main(String... arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    PageMaker maker = new PageMaker(Host.version(), LocalDate.parse(arguments[1]));
    for (Map.Entry<String, String> page : pages(maker).entrySet()) {
      String name = page.getKey();
      Path file = directory.resolve("man" + name.substring(name.length() - 1)).resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, page.getValue());
    }
  }

  /** Every page by the name of its file. */
  static Map<String, String> pages(PageMaker maker) {
    Map<String, String> pages = new TreeMap<>();
    pages.putAll(new CommandPages(maker, 1).of(CommandModel.drover(), ManPages::aboutTheClient));
    pages.putAll(new CommandPages(maker, 8).of(Droverd.model(), ManPages::aboutTheDaemon));
    pages.put("droverd.conf.5", ConfigurationPage.of(maker, drivers()));
    return pages;
  }

  private static List<DriverProvider> drivers() {
    return ServiceLoader.load(DriverProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(DriverProvider::scheme))
        .toList();
  }

  private static void aboutTheClient(Roff page) {
    page.heading("EXIT STATUS")
        .item("0", "What was asked for was done.")
        .item("1", "It was not; an error on the standard error says why.");
    page.heading("FILES")
        .item(Roff.italic("/run/drover/droverd.sock"), "Where the system's daemon listens.")
        .item(
            Roff.italic("$XDG_RUNTIME_DIR/drover/droverd.sock"),
            "Where the user's own daemon listens.");
    page.heading("SEE ALSO").marked(Roff.page("droverd", 8));
  }

  private static void aboutTheDaemon(Roff page) {
    page.heading("SIGNALS")
        .item(
            "TERM, INT",
            "End the daemon in order: no new calls, a grace for those under way. Domains and the"
                + " jobs on them go on, and the next daemon finds them again.");
    page.heading("EXIT STATUS")
        .item("0", "The daemon stopped in order.")
        .item("1", "It could not start, or a policy that was to be checked is wrong.")
        .item("2", "The command line is wrong.");
    page.heading("ENVIRONMENT")
        .item(Roff.bold("NOTIFY_SOCKET"), "Where systemd wants to be told that the daemon serves.")
        .item(Roff.bold("DROVERD_JVM_FLAGS"), "Further flags for the Java virtual machine.");
    page.heading("FILES")
        .item(
            Roff.italic("/etc/drover/droverd.conf"),
            "What the system's unit gives to --config; it does no harm to leave it as it is.")
        .item(Roff.italic("/var/lib/drover"), "State: what outlives the daemon, and audit.log.")
        .item(Roff.italic("/run/drover"), "Sockets of the daemon and of domains.");
    page.heading("SEE ALSO").marked(Roff.page("droverd.conf", 5) + ", " + Roff.page("drover", 1));
  }
}
