package dev.drover.client.cli;

import dev.drover.client.DroverException;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;

/**
 * The {@code drover} program: reads its arguments, runs one command, prints errors as virsh does,
 * and ends with 0 or 1.
 */
public final class DroverCommand {
  private static final int SUCCESS = 0;
  private static final int FAILURE = 1;

  /** One call needs neither pools nor leak detection; without them Netty starts sooner. */
  private static final Map<String, String> QUICK_START =
      Map.of(
          "io.netty.allocator.type", "unpooled",
          "io.netty.leakDetection.level", "disabled",
          "io.netty.eventLoopThreads", "1",
          "io.netty.jfr.enabled", "false");

  private final Surroundings surroundings;

  DroverCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /** Runs the command line and ends the process. */
  public static void main(String... arguments) {
    QUICK_START.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    Surroundings surroundings = Surroundings.ofProcess();
    if (!surroundings.debug()) {
      System.setProperty("java.util.logging.config.class", QuietLogging.class.getName());
    }
    System.exit(new DroverCommand(surroundings).run(arguments));
  }

  /** Runs one command and answers the exit code. */
  int run(String... arguments) {
    GlobalOptions options = new GlobalOptions();
    try (Session session = new Session(options, surroundings)) {
      List<String> words = helpAsOption(List.of(arguments));
      CommandLine root = CommandTable.commandLine(options, session, words);
      root.setOut(writer(surroundings.out()))
          .setErr(writer(surroundings.err()))
          .setParameterExceptionHandler((failure, given) -> usage(failure))
          .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command));
      return root.execute(NamedArguments.rewrite(root, words).toArray(String[]::new)) == SUCCESS
          ? SUCCESS
          : FAILURE;
    } finally {
      surroundings.out().flush();
      surroundings.err().flush();
    }
  }

  /** "help start" is "start --help". */
  private static List<String> helpAsOption(List<String> arguments) {
    if (arguments.isEmpty() || !arguments.getFirst().equals("help")) {
      return arguments;
    }
    List<String> words = new ArrayList<>(arguments.subList(1, arguments.size()));
    words.add("--help");
    return words;
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, stream.charset());
  }

  private int usage(CommandLine.ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    boolean unknownCommand =
        failure instanceof CommandLine.UnmatchedArgumentException unmatched
            && command.getParent() == null
            && !unmatched.getUnmatched().isEmpty()
            && !unmatched.getUnmatched().getFirst().startsWith("-");
    if (unknownCommand && failure instanceof CommandLine.UnmatchedArgumentException unmatched) {
      error("unknown command: '%s'".formatted(unmatched.getUnmatched().getFirst()));
    } else {
      error(Optional.ofNullable(failure.getMessage()).orElse("the arguments cannot be read"));
    }
    surroundings
        .err()
        .printf(
            "See 'drover %s--help'.%n",
            command.getParent() == null
                ? ""
                : command.getCommandSpec().qualifiedName(" ").replaceFirst("^drover ", "") + " ");
    return FAILURE;
  }

  private int failed(Exception failure, CommandLine command) {
    surroundings.out().flush();
    if (failure instanceof CommandFailure own) {
      own.lines().forEach(this::error);
    } else if (failure instanceof DroverException refused) {
      Object verb = command.getCommand();
      if (verb instanceof Verb known) {
        error(known.failure());
      }
      error(refused.getMessage());
    } else {
      error("The command line itself failed, please report this: " + failure);
    }
    if (surroundings.debug()) {
      PrintStream err = surroundings.err();
      failure.printStackTrace(err);
    }
    return FAILURE;
  }

  private void error(String text) {
    surroundings.err().println("error: " + text);
  }
}
