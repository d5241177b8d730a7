package dev.drover.client.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code drover completion}: prints a completion script for a shell. */
@Command(
    name = "completion",
    description = "Print a completion script for a shell.",
    footer = {
      "",
      "bash: source <(drover completion bash)",
      "zsh:  source <(drover completion zsh)",
      "fish: drover completion fish | source"
    })
final class CompletionCommand extends Verb {
  /** Shells a script can be made for. */
  enum Shell {
    /** GNU bash. */
    BASH,
    /** zsh. */
    ZSH,
    /** fish. */
    FISH
  }

  @Parameters(paramLabel = "SHELL", description = "One of: ${COMPLETION-CANDIDATES}.")
  private Shell shell = Shell.BASH;

  CompletionCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    CompletionScripts scripts = CompletionScripts.ofAllCommands(session());
    output()
        .raw(
            switch (shell) {
              case BASH -> scripts.bash();
              case ZSH -> scripts.zsh();
              case FISH -> scripts.fish();
            });
  }

  @Override
  String failure() {
    return "Failed to print the completion script";
  }
}
