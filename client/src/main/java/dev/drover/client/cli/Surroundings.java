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
 * @param zone time zone for times shown to people
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
    ZoneId zone,
    Interrupts interrupts,
    Function<Drover.Builder, Drover> connect) {
  private static final int DEFAULT_COLUMNS = 80;
  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

  /** This process: its streams, environment and terminal. */
  static Surroundings ofProcess() {
    boolean terminal = Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    return new Surroundings(
        System.out,
        System.err,
        System.in,
        System.getenv(),
        terminal,
        errorTerminal(terminal),
        columns(System.getenv()),
        ZoneId.systemDefault(),
        Interrupts.ofProcess(),
        Drover.Builder::build);
  }

  /** True where stack traces are wanted: DROVER_DEBUG=1. */
  boolean debug() {
    return environment.getOrDefault("DROVER_DEBUG", "").equals("1");
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
   * The JDK does not say it of standard error alone; where the system does not either, it is taken
   * to be where standard output is.
   */
  private static boolean errorTerminal(boolean terminal) {
    try {
      String target = Files.readSymbolicLink(STANDARD_ERROR).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return terminal;
    }
  }

  private static int columns(Map<String, String> environment) {
    String text = environment.getOrDefault("COLUMNS", "");
    return text.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(text) : DEFAULT_COLUMNS;
  }
}
