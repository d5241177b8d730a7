package dev.drover.dist.man;

import java.time.LocalDate;
import java.util.Locale;

/** Writes one manual page in the language of man(7). Texts are plain; marks in them are escaped. */
final class Roff {
  private final StringBuilder page = new StringBuilder();

  /** A heading begins a paragraph by itself. */
  private boolean afterHeading;

  /**
   * Begins a page.
   *
   * @param name its name, for example {@code drover-list}
   * @param section where it stands in the manual: 1, 5 or 8
   * @param summary what it is about, in a few words without a full stop
   */
  Roff(String name, int section, LocalDate date, String version, String summary) {
    page.append(
        ".TH \"%s\" %d %s \"Drover %s\" \"Drover\"\n"
            .formatted(escaped(name.toUpperCase(Locale.ROOT)), section, date, escaped(version)));
    page.append(".nh\n.ad l\n");
    heading("NAME");
    page.append(escaped(name)).append(" \\- ").append(escaped(summary)).append('\n');
  }

  Roff heading(String title) {
    page.append(".SH \"").append(escaped(title)).append("\"\n");
    afterHeading = true;
    return this;
  }

  Roff paragraph(String text) {
    return marked(escaped(text));
  }

  /** A paragraph whose marks are already those of roff. */
  Roff marked(String text) {
    if (!afterHeading) {
      page.append(".PP\n");
    }
    afterHeading = false;
    page.append(line(text)).append('\n');
    return this;
  }

  /**
   * A term and what it means.
   *
   * @param term with marks
   * @param text plain
   */
  Roff item(String term, String text) {
    afterHeading = false;
    page.append(".TP\n").append(line(term)).append('\n');
    page.append(line(escaped(text))).append('\n');
    return this;
  }

  String text() {
    return page.toString();
  }

  static String bold(String text) {
    return "\\fB" + escaped(text) + "\\fR";
  }

  static String italic(String text) {
    return "\\fI" + escaped(text) + "\\fR";
  }

  /** The reference to another page. */
  static String page(String name, int section) {
    return bold(name) + "(" + section + ")";
  }

  /** A line that begins with one of these would be a request. */
  private static String line(String text) {
    return text.startsWith(".") || text.startsWith("'") ? "\\&" + text : text;
  }

  /** Every hyphen is one to copy, and not a place to break a word. */
  private static String escaped(String text) {
    return text.replace("\\", "\\e")
        .replace("-", "\\-")
        .replace("\"", "\\(dq")
        .replace("\n", " ")
        .strip();
  }
}
