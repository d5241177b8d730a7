package dev.drover.server.config;

import java.util.Arrays;
import java.util.Locale;

/** Least level of the lines that are logged. */
public enum LogLevel {
  /** What the daemon could not do. */
  ERROR,
  /** What somebody should look at. */
  WARN,
  /** What changed. */
  INFO,
  /** Every call. */
  DEBUG,
  /** Everything, libraries included. */
  TRACE;

  /**
   * The level of a word in any case.
   *
   * @throws IllegalArgumentException with the words that are known
   */
  public static LogLevel parse(String word) {
    return Arrays.stream(values())
        .filter(level -> level.name().equalsIgnoreCase(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected one of "
                        + String.join(
                            ", ",
                            Arrays.stream(values())
                                .map(level -> level.name().toLowerCase(Locale.ROOT))
                                .toList())));
  }
}
