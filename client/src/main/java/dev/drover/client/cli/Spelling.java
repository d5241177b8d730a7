package dev.drover.client.cli;

import java.util.Locale;

/** Guesses what somebody meant to write. */
final class Spelling {
  private Spelling() {}

  /** True where few letters are wrong: up to a third, and at most three. */
  static boolean similar(String written, String meant) {
    int allowed = Math.min(3, Math.max(written.length(), meant.length()) / 3);
    return distance(written.toLowerCase(Locale.ROOT), meant.toLowerCase(Locale.ROOT)) <= allowed;
  }

  /** Levenshtein's distance. */
  private static int distance(String left, String right) {
    int[] previous = new int[right.length() + 1];
    for (int column = 0; column <= right.length(); column++) {
      previous[column] = column;
    }
    for (int row = 1; row <= left.length(); row++) {
      int[] current = new int[right.length() + 1];
      current[0] = row;
      for (int column = 1; column <= right.length(); column++) {
        int changed = left.charAt(row - 1) == right.charAt(column - 1) ? 0 : 1;
        current[column] =
            Math.min(
                previous[column - 1] + changed,
                Math.min(previous[column], current[column - 1]) + 1);
      }
      previous = current;
    }
    return previous[right.length()];
  }
}
