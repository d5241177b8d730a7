package dev.drover.client.cli;

import dev.drover.client.Drover;
import java.io.Console;
import java.io.InputStream;
import java.io.PrintStream;
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
 * @param terminal true where a person sits in front of it, so that a line may be drawn over
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
    int columns,
    ZoneId zone,
    Interrupts interrupts,
    Function<Drover.Builder, Drover> connect) {
  private static final int DEFAULT_COLUMNS = 80;

  /** This process: its streams, environment and terminal. */
  static Surroundings ofProcess() {
    return new Surroundings(
        System.out,
        System.err,
        System.in,
        System.getenv(),
        Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false),
        columns(System.getenv()),
        ZoneId.systemDefault(),
        Interrupts.ofProcess(),
        Drover.Builder::build);
  }

  /** True where stack traces are wanted: DROVER_DEBUG=1. */
  boolean debug() {
    return environment.getOrDefault("DROVER_DEBUG", "").equals("1");
  }

  private static int columns(Map<String, String> environment) {
    String text = environment.getOrDefault("COLUMNS", "");
    return text.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(text) : DEFAULT_COLUMNS;
  }
}
