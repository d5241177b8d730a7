package dev.drover.client.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jline.reader.Completer;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** Lines that a person edits on a terminal, with completion and a history that is kept. */
final class TerminalLines implements CommandShell.Lines, AutoCloseable {
  private static final int HISTORY_LINES = 1000;

  private final Terminal terminal;
  private final LineReader reader;

  /**
   * Lines of a terminal, which is closed with them.
   *
   * @param environment tells where the history is: {@code drover/history} in XDG_STATE_HOME, by
   *     default {@code ~/.local/state}
   */
  TerminalLines(Terminal terminal, Map<String, String> environment, Completer completer) {
    this.terminal = terminal;
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .appName("drover")
            .terminal(terminal)
            .completer(completer)
            .variable(LineReader.HISTORY_SIZE, HISTORY_LINES)
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.HISTORY_IGNORE_SPACE, true);
    history(environment).ifPresent(file -> builder.variable(LineReader.HISTORY_FILE, file));
    reader = builder.build();
  }

  /**
   * Lines of the terminal of this process.
   *
   * @throws CommandFailure where it cannot be used
   */
  static TerminalLines ofProcess(Map<String, String> environment, Completer completer) {
    try {
      // The provider that runs stty: the others load native code.
      Terminal terminal = TerminalBuilder.builder().system(true).provider("exec").build();
      return new TerminalLines(terminal, environment, completer);
    } catch (IOException e) {
      throw new CommandFailure("The terminal cannot be used: " + e.getMessage());
    }
  }

  /** Empty where there is no place for it, or it cannot be made. */
  private static Optional<Path> history(Map<String, String> environment) {
    String state = environment.getOrDefault("XDG_STATE_HOME", "");
    String home = environment.getOrDefault("HOME", "");
    if (state.isEmpty() && home.isEmpty()) {
      return Optional.empty();
    }
    Path directory =
        (state.isEmpty() ? Path.of(home, ".local", "state") : Path.of(state)).resolve("drover");
    try {
      return Optional.of(Files.createDirectories(directory).resolve("history"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Ctrl-C gives up the line and not the shell. */
  @Override
  public Optional<String> next(String prompt) {
    while (true) {
      try {
        return Optional.of(reader.readLine(prompt));
      } catch (UserInterruptException e) {
        terminal.writer().println("type 'quit' to leave");
      } catch (EndOfFileException e) {
        return Optional.empty();
      }
    }
  }

  @Override
  public void close() {
    try {
      terminal.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
