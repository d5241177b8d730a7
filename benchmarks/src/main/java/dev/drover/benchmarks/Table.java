package dev.drover.benchmarks;

import java.util.List;
import java.util.Locale;

/**
 * A result, as the document shows it.
 *
 * @param title heading
 * @param header titles of the columns
 * @param rows the cells
 * @param notes what must be known to read it, one paragraph each
 */
record Table(String title, List<String> header, List<List<String>> rows, List<String> notes) {

  /** Copies the lists. */
  Table {
    header = List.copyOf(header);
    rows = List.copyOf(rows);
    notes = List.copyOf(notes);
  }

  /** A result that there is none yet. */
  static Table without(String title, String why) {
    return new Table(title, List.of(), List.of(), List.of(why));
  }

  /** In Markdown. */
  String markdown() {
    StringBuilder text = new StringBuilder("### ").append(title).append("\n\n");
    if (!header.isEmpty()) {
      line(text, header);
      line(text, header.stream().map(_ -> "---").toList());
      rows.forEach(row -> line(text, row));
      text.append('\n');
    }
    notes.forEach(note -> text.append(note).append("\n\n"));
    return text.toString();
  }

  private static void line(StringBuilder text, List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  /** A number for a cell. */
  static String number(int digits, double value) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** A ratio with its spread. */
  static String ratio(Samples ratios) {
    return "%s (%s to %s)"
        .formatted(
            number(2, ratios.median()), number(2, ratios.smallest()), number(2, ratios.largest()));
  }

  /** Whether a goal is met. */
  static String verdict(boolean met) {
    return met ? "met" : "**missed**";
  }
}
