package dev.drover.client.cli;

import dev.drover.client.DroverException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;
import picocli.CommandLine;

/** Runs single commands: reads the words, does the work, prints errors as virsh does. */
final class CommandRunner {
  static final int SUCCESS = 0;
  static final int FAILURE = 1;

  /** What no command's name has. */
  private static final Pattern SEVERAL = Pattern.compile("[\\s;]");

  private final Surroundings surroundings;
  private final Connections connections;
  private boolean lossTold;

  CommandRunner(Surroundings surroundings, Connections connections) {
    this.surroundings = surroundings;
    this.connections = connections;
  }

  /** What is done where arguments name no command. */
  @FunctionalInterface
  interface Unnamed {
    /**
     * Does it.
     *
     * @param options what was given beside it
     * @param text the one argument that is no command, but several or -; empty where there is none
     * @return the exit code
     */
    int run(GlobalOptions options, CommandLine root, Optional<String> text);
  }

  /**
   * Runs the command that the arguments of the process name.
   *
   * @return the exit code
   */
  int run(List<String> arguments, Unnamed unnamed) {
    GlobalOptions options = new GlobalOptions();
    List<String> words = helpAsOption(arguments);
    CommandLine root = commandLine(options, words);
    root.setExecutionStrategy(
        parsed ->
            parsed.hasSubcommand()
                    || parsed.isUsageHelpRequested()
                    || parsed.isVersionHelpRequested()
                ? new CommandLine.RunLast().execute(parsed)
                : guarded(root, () -> unnamed.run(options, root, Optional.empty())));
    root.setParameterExceptionHandler(
        (failure, given) -> {
          Optional<String> text = commands(failure);
          return text.isPresent()
              ? guarded(root, () -> unnamed.run(options, root, text))
              : usage(failure);
        });
    return execute(root, options, words);
  }

  private int guarded(CommandLine root, IntSupplier action) {
    try {
      return action.getAsInt();
    } catch (CommandFailure e) {
      return failed(e, root);
    }
  }

  /** The one argument that stands where a command should, and is several of them or -. */
  private static Optional<String> commands(CommandLine.ParameterException failure) {
    if (failure instanceof CommandLine.UnmatchedArgumentException unmatched
        && failure.getCommandLine().getParent() == null
        && unmatched.getUnmatched().size() == 1) {
      return Optional.of(unmatched.getUnmatched().getFirst())
          .filter(text -> text.equals(InputFile.STANDARD_INPUT) || SEVERAL.matcher(text).find());
    }
    return Optional.empty();
  }

  /**
   * Runs one command of several that share options.
   *
   * @param options those of all; what the command says itself counts more
   * @return the exit code
   */
  int run(GlobalOptions options, List<String> command) {
    List<String> words = new ArrayList<>(options.words());
    words.addAll(helpAsOption(command));
    GlobalOptions own = new GlobalOptions();
    CommandLine root = commandLine(own, words);
    root.setOverwrittenOptionsAllowed(true);
    return execute(root, own, words);
  }

  /**
   * Goes over to another daemon or driver for the commands that share these options.
   *
   * @param command {@code connect}, and what it was given
   * @return the exit code
   */
  int connect(GlobalOptions options, List<String> command) {
    try {
      ConnectWords words = ConnectWords.of(command);
      options.connect(words.uri(), words.readOnly());
      var _ = connections.get(options);
      return SUCCESS;
    } catch (CommandFailure e) {
      e.lines().forEach(this::error);
    } catch (DroverException e) {
      error("Failed to connect to the hypervisor");
      error(e.getMessage());
    }
    return FAILURE;
  }

  /** Every command, for looking at and not for running. */
  CommandLine everything(GlobalOptions options) {
    return CommandTable.commandLine(
        options, new Session(options, surroundings, connections), List.of());
  }

  private CommandLine commandLine(GlobalOptions options, List<String> words) {
    CommandLine root =
        CommandTable.commandLine(options, new Session(options, surroundings, connections), words);
    return root.setOut(writer(surroundings.out()))
        .setErr(writer(surroundings.err()))
        .setParameterExceptionHandler((failure, given) -> usage(failure))
        .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, command));
  }

  private int execute(CommandLine root, GlobalOptions options, List<String> words) {
    long begun = System.nanoTime();
    try {
      int code = root.execute(NamedArguments.rewrite(root, words).toArray(String[]::new));
      if (options.timing() && root.getParseResult().hasSubcommand()) {
        surroundings.out().printf("(Time: %.3f ms)%n%n", (System.nanoTime() - begun) / 1e6);
      }
      return printed() && code == SUCCESS ? SUCCESS : FAILURE;
    } finally {
      surroundings.err().flush();
    }
  }

  /** Says it where what was printed has not come through: a full disk, or nobody reads any more. */
  private boolean printed() {
    boolean lost = surroundings.out().checkError();
    if (lost && !lossTold) {
      lossTold = true;
      error("Standard output cannot be written, or is read no longer");
    }
    return !lost;
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
    surroundings.err().println(surroundings.errorColours().red("error:") + " " + text);
  }
}
