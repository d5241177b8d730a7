package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts text into commands and words, as virsh and a shell do: a command ends with its line or a
 * semicolon, words are parted by blanks, quotes of either kind and a backslash keep what they
 * enclose together, and # begins a comment where a word could begin.
 */
final class CommandLines {
  private static final char NONE = 0;

  private final String source;
  private final List<Command> commands = new ArrayList<>();
  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;
  private int line = 1;
  private int begun = 1;

  /**
   * One command of a text.
   *
   * @param line the line on which it begins, from 1
   * @param words name of the command, and its arguments
   */
  record Command(int line, List<String> words) {}

  private CommandLines(String source) {
    this.source = source;
  }

  /**
   * The commands of a text.
   *
   * @param source where the text is from, for messages
   * @throws CommandFailure where a quote is not closed
   */
  static List<Command> of(String source, String text) {
    CommandLines lines = new CommandLines(source);
    lines.read(text);
    return List.copyOf(lines.commands);
  }

  private void read(String text) {
    char quote = NONE;
    for (int i = 0; i < text.length(); i++) {
      char next = text.charAt(i);
      if (next == '\n') {
        line++;
      }
      if (quote != NONE) {
        boolean escaped = quote == '"' && next == '\\' && i + 1 < text.length();
        if (escaped && isEscapable(text.charAt(i + 1))) {
          word.append(text.charAt(++i));
        } else if (next == quote) {
          quote = NONE;
        } else {
          word.append(next);
        }
      } else if (next == '\'' || next == '"') {
        quote = next;
        begin();
      } else if (next == '\\' && i + 1 < text.length()) {
        i++;
        escaped(text.charAt(i));
      } else if (next == '#' && !inWord) {
        i = endOfLine(text, i) - 1;
      } else if (next == ';' || next == '\n') {
        endCommand();
      } else if (Character.isWhitespace(next)) {
        endWord();
      } else {
        begin();
        word.append(next);
      }
    }
    if (quote != NONE) {
      throw new CommandFailure("%s:%d: a %s is not closed".formatted(source, begun, quote));
    }
    endCommand();
  }

  private static boolean isEscapable(char next) {
    return next == '"' || next == '\\';
  }

  /** A backslash before the end of a line joins it with the next one. */
  private void escaped(char next) {
    if (next == '\n') {
      line++;
      endWord();
    } else {
      begin();
      word.append(next);
    }
  }

  private static int endOfLine(String text, int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }

  private void begin() {
    if (!inWord && words.isEmpty()) {
      begun = line;
    }
    inWord = true;
  }

  private void endWord() {
    if (inWord) {
      words.add(word.toString());
      word.setLength(0);
      inWord = false;
    }
  }

  private void endCommand() {
    endWord();
    if (!words.isEmpty()) {
      commands.add(new Command(begun, List.copyOf(words)));
      words.clear();
    }
  }
}
