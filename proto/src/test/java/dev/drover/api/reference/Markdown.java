package dev.drover.api.reference;

import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns the text of comments into Markdown of one page, with links to what it names. */
final class Markdown {

  /**
   * In this order: what stands in quotes, names of values, of fields of types, of types, of fields.
   */
  private static final Pattern WORD =
      Pattern.compile(
          "\"(?<quoted>[^\"]{1,100})\""
              + "|(?<address>https?://[^\\s)]+)"
              + "|(?<value>\\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\\b)"
              + "|(?<type>\\b[A-Z][A-Za-z0-9]*)\\.(?<member>[a-z][a-z0-9_]*)\\b"
              + "|(?<name>\\b[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+\\b)"
              + "|(?<field>\\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\\b)"
              + "|(?<special>[*<>|\\[\\]`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))");

  private final Places places;
  private final String page;

  Markdown(Places places, String page) {
    this.places = places;
    this.page = page;
  }

  /** The text with links, for a paragraph or a cell of a table. */
  String text(String plain) {
    return WORD.matcher(plain).replaceAll(found -> Matcher.quoteReplacement(word(found)));
  }

  /** A link to a place with a text in the type of code. */
  String link(String text, Place place) {
    return "[`%s`](%s)".formatted(text, place.from(page));
  }

  /** A word in the type of code; a table takes no bar. */
  static String code(String word) {
    return "`" + word.replace("|", "\\|") + "`";
  }

  private String word(MatchResult found) {
    String all = found.group();
    if (found.group("quoted") != null) {
      return code(found.group("quoted"));
    }
    if (found.group("address") != null) {
      return "<" + all + ">";
    }
    if (found.group("value") != null) {
      return linked(all).orElse(code(all));
    }
    if (found.group("type") != null) {
      return places.named(found.group("type")).map(place -> link(all, place)).orElse(all);
    }
    if (found.group("name") != null) {
      return linked(all).orElse(all);
    }
    if (found.group("field") != null) {
      return places.isField(all) ? code(all) : all;
    }
    return "\\" + all;
  }

  private Optional<String> linked(String word) {
    return places.named(word).map(place -> link(word, place));
  }
}
