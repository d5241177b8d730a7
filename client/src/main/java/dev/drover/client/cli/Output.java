package dev.drover.client.cli;

import com.google.protobuf.Message;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/** Writes results in the form asked for: text and tables as virsh prints them, JSON or YAML. */
final class Output {
  /** Form of results. */
  enum Format {
    /** Text and tables for people. */
    TABLE,
    /** The API's messages as JSON. */
    JSON,
    /** The API's messages as YAML. */
    YAML
  }

  private final PrintStream out;
  private final Format format;
  private final boolean quiet;
  private final boolean headers;
  private final Colours colours;
  private boolean endsWithBlankLine = true;

  /**
   * @param quiet true to leave out what only confirms, and the header of tables
   * @param headers false to leave out the header of tables
   * @param colours those of the stream
   */
  Output(PrintStream out, Format format, boolean quiet, boolean headers, Colours colours) {
    this.out = out;
    this.format = format;
    this.quiet = quiet;
    this.headers = headers && !quiet;
    this.colours = colours;
  }

  /** True where text for people is wanted. */
  boolean forPeople() {
    return format == Format.TABLE;
  }

  /** True where confirmations and progress are not wanted. */
  boolean quiet() {
    return quiet;
  }

  /** Prints a line that is the answer. */
  void line(String text) {
    out.println(text);
  }

  /** Prints a line that only confirms; left out when quiet. */
  void confirm(String text) {
    if (!quiet && forPeople()) {
      out.println(text);
    }
  }

  /** Prints a table, without its header when quiet. */
  void table(Table table) {
    out.print(table.render(headers, colours));
  }

  /** Confirms what was done, or prints the message where a program reads. */
  void done(String text, Message message) {
    if (forPeople()) {
      confirm(text);
    } else {
      message(message);
    }
  }

  /** Prints a message as JSON or, also for people, as YAML. */
  void message(Message message) {
    raw(format == Format.JSON ? Documents.json(message) : Documents.yaml(message));
  }

  /**
   * Prints one of a stream of messages: a line of JSON, or a YAML document that begins with dashes.
   * {@link #flush} makes it visible.
   */
  void next(Message message) {
    raw(format == Format.JSON ? Documents.jsonLine(message) : "---\n" + Documents.yaml(message));
  }

  /**
   * Makes what was printed visible at once.
   *
   * @return false where nobody will see it
   */
  boolean flush() {
    return !out.checkError();
  }

  /** Prints messages as one JSON array or YAML list. */
  void messages(List<? extends Message> messages) {
    raw(format == Format.JSON ? Documents.json(messages) : Documents.yaml(messages));
  }

  /** Prints lists of messages by name, as one JSON object or YAML document. */
  void lists(Map<String, List<? extends Message>> lists) {
    raw(format == Format.JSON ? Documents.json(lists) : Documents.yaml(lists));
  }

  /**
   * Prints what is no message of the API, as one JSON object, array or YAML document.
   *
   * @param values maps, lists, texts, numbers and truth values
   */
  void document(Object values) {
    raw(format == Format.JSON ? Documents.jsonOf(values) : Documents.yamlOf(values));
  }

  /** Prints an answer of one line, or where a program reads, the message that says it. */
  void line(String text, Message message) {
    if (forPeople()) {
      line(text);
    } else {
      message(message);
    }
  }

  /** A table as text without colours, to be put among other text. */
  String rendered(Table table) {
    return table.render(headers);
  }

  /** Prints a document as it is, with nothing after it. */
  void raw(String document) {
    out.print(document);
    if (!document.endsWith("\n")) {
      out.println();
    }
    endsWithBlankLine = false;
  }

  /** Ends a command's output with virsh's blank line, unless a program is to read it. */
  void finish() {
    if (forPeople() && !quiet && endsWithBlankLine) {
      out.println();
    }
    out.flush();
  }
}
