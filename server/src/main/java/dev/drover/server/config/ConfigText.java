package dev.drover.server.config;

import dev.drover.spi.DriverProvider;
import java.util.Collection;
import java.util.TreeMap;

/** The commented default configuration, which is also the reference for people. */
public final class ConfigText {

  private static final int WIDTH = 98;

  private ConfigText() {}

  /** A file that sets nothing and says everything: each key commented out with its default. */
  public static String commented(Collection<? extends DriverProvider> providers) {
    StringBuilder text = new StringBuilder();
    text.append(
        "# Configuration of droverd. Every line is the default; remove the # to change it.\n\n");
    String section = "";
    for (ConfigKey<?> key : ConfigKeys.all()) {
      if (!key.section().equals(section)) {
        section = key.section();
        text.append('[').append(section).append("]\n");
      }
      comment(text, key.text());
      text.append('#').append(key.name()).append(" = ").append(key.initialText()).append("\n\n");
    }
    for (DriverProvider provider : providers) {
      text.append("# ").append(provider.description()).append('\n');
      text.append("[driver.").append(provider.scheme()).append("]\n");
      new TreeMap<>(provider.settings())
          .forEach(
              (name, meaning) -> {
                comment(text, meaning);
                text.append('#').append(name).append(" = \"\"\n\n");
              });
    }
    return text.toString().stripTrailing() + "\n";
  }

  private static void comment(StringBuilder text, String sentence) {
    StringBuilder line = new StringBuilder("#");
    for (String word : sentence.split(" ", -1)) {
      if (line.length() + word.length() + 1 > WIDTH) {
        text.append(line).append('\n');
        line = new StringBuilder("#");
      }
      line.append(' ').append(word);
    }
    text.append(line).append('\n');
  }
}
