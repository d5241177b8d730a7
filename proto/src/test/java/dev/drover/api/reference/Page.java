package dev.drover.api.reference;

import com.google.protobuf.Descriptors.GenericDescriptor;
import java.util.List;

/** The text of a page while it is written: blocks with blank lines between. */
final class Page {

  private final String name;
  private final Markdown markdown;
  private final StringBuilder text = new StringBuilder();

  /** Begins a page with its title, and what says where its text comes from. */
  Page(String name, Places places, String title) {
    this.name = name;
    this.markdown = new Markdown(places, name);
    block("# " + title);
    block(
        "<!-- Made by bin/docs from the comments in proto/src/main/proto: change them there. -->");
  }

  String name() {
    return name;
  }

  /** What turns text and links into Markdown of this page. */
  Markdown markdown() {
    return markdown;
  }

  /** Adds a block of Markdown. */
  void block(String block) {
    text.append(block).append("\n\n");
  }

  /** Adds paragraphs of plain text. */
  void paragraphs(List<String> plain) {
    plain.forEach(paragraph -> block(markdown.text(paragraph)));
  }

  /** Adds what a comment says of its element, whose name needs no link to where it stands. */
  void about(GenericDescriptor element, List<String> plain) {
    plain.forEach(
        paragraph -> {
          String name = element.getName() + " ";
          block(
              paragraph.startsWith(name)
                  ? Markdown.code(element.getName())
                      + markdown.text(paragraph.substring(name.length() - 1))
                  : markdown.text(paragraph));
        });
  }

  /** Adds a table; cells are Markdown. */
  void table(List<String> columns, List<List<String>> rows) {
    StringBuilder table = new StringBuilder(row(columns));
    table.append(row(columns.stream().map(column -> "---").toList()));
    rows.forEach(cells -> table.append(row(cells)));
    block(table.toString().strip());
  }

  /** The finished page, which ends with one line break. */
  String finish() {
    return text.toString().strip() + "\n";
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }
}
