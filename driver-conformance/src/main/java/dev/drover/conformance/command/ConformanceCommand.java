package dev.drover.conformance.command;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The program behind {@code drover conformance}. Ends with 0 where every case passed or was refused
 * as documented, with 1 where one failed, with 2 where the run could not be made.
 */
@Command(
    name = "drover conformance",
    description = "Hold a driver to the behaviour that Drover documents.",
    subcommands = {RunCommand.class, ListCommand.class})
public final class ConformanceCommand {
  static final int PASSED = 0;
  static final int FAILED = 1;
  static final int UNUSABLE = 2;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = CommandLine.ScopeType.INHERIT,
      description = "Show this text.")
  @SuppressWarnings("unused") // Picocli acts on it.
  private boolean help;

  private ConformanceCommand() {}

  /** Runs the command line and ends the process. */
  public static void main(String... arguments) {
    System.exit(run(System.out, System.err, arguments));
  }

  static int run(PrintStream out, PrintStream err, String... arguments) {
    return new CommandLine(new ConformanceCommand())
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        // What nobody expected is no failed case.
        .setExitCodeExceptionMapper(_ -> UNUSABLE)
        .setExecutionExceptionHandler(
            (failure, command, _) -> {
              if (failure instanceof UnusableTarget unusable) {
                command.getErr().println("error: " + unusable.getMessage());
                return UNUSABLE;
              }
              throw failure;
            })
        .execute(arguments);
  }
}
