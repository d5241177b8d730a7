package dev.drover.server.config;

import java.util.function.Function;

/**
 * A key of the configuration file: everything that is known about it, in one place.
 *
 * @param <T> type of its value
 * @param section table it stands in, for example {@code limits}
 * @param name its name within the table
 * @param text what it means, with its unit; one or two sentences for people
 * @param initial value where the file does not set it
 * @param parser reads a value from its text; throws IllegalArgumentException that says what is
 *     expected
 * @param printer writes a value as it stands in the file
 */
public record ConfigKey<T>(
    String section,
    String name,
    String text,
    T initial,
    Function<String, T> parser,
    Function<T, String> printer) {

  /** The name with its table, as messages show it. */
  public String path() {
    return section + "." + name;
  }

  /** The default as it would stand in the file. */
  public String initialText() {
    return printer.apply(initial);
  }
}
