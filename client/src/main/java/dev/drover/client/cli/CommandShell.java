package dev.drover.client.cli;

import java.util.Optional;

/** Reads commands from a person and runs each, until the person has enough. */
final class CommandShell {
  private static final String PROMPT = "drover # ";
  private static final String READ_ONLY_PROMPT = "drover > ";

  private final CommandBatch batch;
  private final GlobalOptions options;
  private final Surroundings surroundings;
  private final Lines lines;

  /** Where lines come from. */
  @FunctionalInterface
  interface Lines {
    /** The next line; empty where there will be no more. */
    Optional<String> next(String prompt);
  }

  CommandShell(
      CommandRunner runner, GlobalOptions options, Surroundings surroundings, Lines lines) {
    this.batch = new CommandBatch(runner, options);
    this.options = options;
    this.surroundings = surroundings;
    this.lines = lines;
  }

  /** Runs until the end of the lines, or {@code quit}. A command that fails ends nothing. */
  int run() {
    if (!options.quiet()) {
      surroundings
          .out()
          .printf(
              "Drover, the interactive terminal.%n%n"
                  + "Type: 'help' for the commands, 'help COMMAND' for one of them%n"
                  + "      'quit' to leave%n%n");
    }
    Optional<String> line = lines.next(prompt());
    while (line.isPresent() && runAll(line.get())) {
      line = lines.next(prompt());
    }
    return CommandRunner.SUCCESS;
  }

  private String prompt() {
    return options.readOnly() ? READ_ONLY_PROMPT : PROMPT;
  }

  /** False after {@code quit}. */
  private boolean runAll(String line) {
    try {
      for (CommandLines.Command command : CommandLines.of("line", line)) {
        if (CommandBatch.ENDINGS.contains(command.words().getFirst())) {
          return false;
        }
        if (batch.next(command.words()) != CommandRunner.SUCCESS) {
          break;
        }
      }
    } catch (CommandFailure e) {
      Colours colours = surroundings.errorColours();
      e.lines().forEach(text -> surroundings.err().println(colours.red("error:") + " " + text));
    }
    surroundings.out().println();
    return true;
  }
}
