package dev.drover.client.cli;

import java.util.List;

/** Many commands in one process, on one connection, until one fails. */
final class CommandBatch {
  /** Ends a batch or a shell, as in virsh. */
  static final List<String> ENDINGS = List.of("quit", "exit");

  private final CommandRunner runner;
  private final GlobalOptions options;

  /** A batch whose commands have these options in common. */
  CommandBatch(CommandRunner runner, GlobalOptions options) {
    this.runner = runner;
    this.options = options;
  }

  /**
   * Runs the commands of a text in order.
   *
   * @param source where the text is from, for messages
   * @return 0 where all went well
   * @throws CommandFailure after a command that failed and has said why; those behind it are not
   *     run
   */
  int run(String source, String text) {
    for (CommandLines.Command command : CommandLines.of(source, text)) {
      if (ENDINGS.contains(command.words().getFirst())) {
        break;
      }
      if (next(command.words()) != CommandRunner.SUCCESS) {
        throw new CommandFailure(
            "%s:%d: '%s' failed; what follows was not run"
                .formatted(source, command.line(), String.join(" ", command.words())));
      }
    }
    return CommandRunner.SUCCESS;
  }

  /** Runs one command of several. */
  int next(List<String> words) {
    return words.getFirst().equals(ConnectWords.NAME)
        ? runner.connect(options, words)
        : runner.run(options, words);
  }
}
