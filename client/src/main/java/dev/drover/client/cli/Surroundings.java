package dev.drover.client.cli;

import dev.drover.client.Drover;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the command line touches outside itself.
 *
 * @param out standard output
 * @param err standard error
 * @param in standard input
 * @param environment environment variables
 * @param terminal true where a person sits in front of standard input and output
 * @param errorTerminal true where standard error is a terminal, so that a line may be drawn over
 * @param columns width of the terminal in characters
 * @param localZone the time zone for times shown to people, which takes a while to find out
 * @param interrupts where Ctrl-C is heard of
 * @param connect makes the connection; nothing is sent by it
 */
record Surroundings(
    PrintStream out,
    PrintStream err,
    InputStream in,
    Map<String, String> environment,
    boolean terminal,
    boolean errorTerminal,
    int columns,
    Supplier<ZoneId> localZone,
    Interrupts interrupts,
    Function<Drover.Builder, Drover> connect) {
  private static final int DEFAULT_COLUMNS = 80;
  private static final int LEAST_COLUMNS = 10;
  private static final int MOST_COLUMNS = 9999;
  private static final Path STANDARD_INPUT = Path.of("/proc/self/fd/0");
  private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

  /** This process: its streams, environment and terminal. */
  static Surroundings ofProcess() {
    boolean terminal =
        isTerminal(STANDARD_INPUT)
            .flatMap(in -> isTerminal(STANDARD_OUTPUT).map(out -> in && out))
            .orElseGet(Surroundings::hasConsole);
    return new Surroundings(
        System.out,
        System.err,
        System.in,
        System.getenv(),
        terminal,
        isTerminal(STANDARD_ERROR).orElse(terminal),
        columns(System.getenv()),
        ZoneId::systemDefault,
        Interrupts.ofProcess(),
        Drover.Builder::build);
  }

  /** True where stack traces are wanted: DROVER_DEBUG=1. */
  boolean debug() {
    return environment.getOrDefault("DROVER_DEBUG", "").equals("1");
  }

  /** The time zone for times shown to people. */
  ZoneId zone() {
    return localZone.get();
  }

  /** Colours of standard output. */
  Colours colours() {
    return Colours.of(terminal, environment);
  }

  /** Colours of standard error. */
  Colours errorColours() {
    return Colours.of(errorTerminal, environment);
  }

  /**
   * What the system says of a stream; empty where it does not. The JDK's console, which speaks of
   * standard input and output together, takes as long to ask as a good part of a call.
   */
  private static Optional<Boolean> isTerminal(Path stream) {
    try {
      String target = Files.readSymbolicLink(stream).toString();
      if (target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console")) {
        return Optional.of(true);
      }
      boolean other =
          target.startsWith("pipe:")
              || target.startsWith("socket:")
              || target.equals("/dev/null")
              || Files.isRegularFile(stream);
      return other ? Optional.of(false) : Optional.empty();
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  private static boolean hasConsole() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  private static int columns(Map<String, String> environment) {
    String text = environment.getOrDefault("COLUMNS", "");
    if (text.isEmpty()) {
      return DEFAULT_COLUMNS;
    }
    try {
      int columns = Integer.parseInt(text);
      return columns < LEAST_COLUMNS || columns > MOST_COLUMNS ? DEFAULT_COLUMNS : columns;
    } catch (NumberFormatException e) {
      return DEFAULT_COLUMNS;
    }
  }
}
