package dev.drover.client.cli;

import java.util.Map;

/**
 * Colours for people: a terminal gets them, unless {@code NO_COLOR} says otherwise or the terminal
 * has none. What a program reads is never coloured.
 *
 * @param on true where text is coloured
 */
record Colours(boolean on) {
  private static final String RESET = "\033[0m";

  /** The colours of a stream. */
  static Colours of(boolean terminal, Map<String, String> environment) {
    return new Colours(
        terminal
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "").equals("dumb"));
  }

  /** Headers of tables. */
  String bold(String text) {
    return in("1", text);
  }

  /** Errors, and what goes. */
  String red(String text) {
    return in("31", text);
  }

  /** What comes. */
  String green(String text) {
    return in("32", text);
  }

  /** Places. */
  String cyan(String text) {
    return in("36", text);
  }

  private String in(String code, String text) {
    return on ? "\033[" + code + "m" + text + RESET : text;
  }
}
