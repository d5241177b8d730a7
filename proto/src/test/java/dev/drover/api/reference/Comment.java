package dev.drover.api.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A comment of the API, taken apart. Paragraphs that list errors and the one that says what a
 * client does next are marked by how they begin, so that the rest is text.
 *
 * @param text paragraphs that say what the element is
 * @param errors what the RPC raises itself, without its mark; empty where it lists none
 * @param everyCall what every RPC of the service raises
 * @param everyStart what every RPC of the service that starts a job raises
 * @param next what a client does about an error
 */
record Comment(
    List<String> text,
    List<String> errors,
    List<String> everyCall,
    List<String> everyStart,
    List<String> next) {

  private static final String ERRORS = "Errors:";
  private static final String EVERY_CALL = "Errors of every call:";
  private static final String EVERY_START = "Errors of every call that starts a job:";
  private static final String NEXT = "Next:";

  /** Ids of requirements, which mean something to those who work on Drover alone. */
  private static final String ID = "[A-GR][0-9]{1,2}\\b";

  private static final String IDS = ID + "(?:(?:, | to |; )" + ID + ")*";
  private static final Pattern ONLY_IDS = Pattern.compile(" ?\\(" + IDS + "\\)");
  private static final Pattern LEADING_IDS = Pattern.compile("\\(" + IDS + "[,;:] ");
  private static final Pattern TRAILING_IDS = Pattern.compile("[,;:] " + IDS + "\\)");
  private static final Pattern BLANK_LINE = Pattern.compile("\n[ \t]*\n");

  /** Takes a comment as protoc keeps it, with the line breaks of the source. */
  static Comment parse(String source) {
    Comment comment =
        new Comment(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    Arrays.stream(BLANK_LINE.split(source))
        .map(paragraph -> withoutIds(paragraph.strip().replaceAll("\\s*\n\\s*", " ")))
        .filter(paragraph -> !paragraph.isEmpty())
        .forEach(comment::add);
    return comment;
  }

  /** The paragraphs of text as one. */
  String line() {
    return String.join(" ", text);
  }

  /** The text up to the end of its first sentence. */
  String firstSentence() {
    String line = line();
    int end = line.indexOf(". ");
    return end < 0 ? line : line.substring(0, end + 1);
  }

  private void add(String paragraph) {
    if (paragraph.startsWith(EVERY_START)) {
      everyStart.add(after(EVERY_START, paragraph));
    } else if (paragraph.startsWith(EVERY_CALL)) {
      everyCall.add(after(EVERY_CALL, paragraph));
    } else if (paragraph.startsWith(ERRORS)) {
      errors.add(after(ERRORS, paragraph));
    } else if (paragraph.startsWith(NEXT)) {
      next.add(after(NEXT, paragraph));
    } else {
      text.add(paragraph);
    }
  }

  private static String after(String mark, String paragraph) {
    return paragraph.substring(mark.length()).strip();
  }

  private static String withoutIds(String paragraph) {
    String rest = ONLY_IDS.matcher(paragraph).replaceAll("");
    rest = LEADING_IDS.matcher(rest).replaceAll("(");
    return TRAILING_IDS.matcher(rest).replaceAll(")");
  }
}
