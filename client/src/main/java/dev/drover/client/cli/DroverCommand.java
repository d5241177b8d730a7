package dev.drover.client.cli;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;

/**
 * The {@code drover} program: runs the command that its arguments name, the commands of a file, or
 * those that a person types, and ends with 0 or 1.
 */
public final class DroverCommand {
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

  /** Runs what the arguments say and answers the exit code. */
  int run(String... arguments) {
    try (Connections connections = new Connections(surroundings)) {
      CommandRunner runner = new CommandRunner(surroundings, connections);
      return runner.run(
          List.of(arguments),
          (options, root, text) -> unnamed(runner, connections, options, root, text));
    }
  }

  /** What is done where the arguments name no command. */
  private int unnamed(
      CommandRunner runner,
      Connections connections,
      GlobalOptions options,
      CommandLine root,
      Optional<String> text) {
    connections.last();
    boolean fromInput = text.filter(InputFile.STANDARD_INPUT::equals).isPresent();
    Optional<String> file = fromInput ? text : options.file();
    CommandBatch batch = new CommandBatch(runner, options);
    if (file.isPresent()) {
      return batch.run(file.get(), InputFile.text(file.get(), surroundings.in()));
    }
    if (text.isPresent()) {
      return batch.run("command line", text.get());
    }
    if (!surroundings.terminal()) {
      throw new CommandLine.ParameterException(
          root, "a command is needed; 'drover -' reads commands from standard input");
    }
    return shell(runner, connections, options);
  }

  private int shell(CommandRunner runner, Connections connections, GlobalOptions options) {
    ShellNames names = new ShellNames(() -> connections.get(options), ShellNames.PATIENCE);
    ShellCompleter completer = new ShellCompleter(runner.everything(new GlobalOptions()), names);
    try (TerminalLines lines = TerminalLines.ofProcess(surroundings.environment(), completer)) {
      return new CommandShell(runner, options, surroundings, lines).run();
    }
  }
}
