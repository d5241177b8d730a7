package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * Stands for {@code drover bridge} in the list of commands. The launcher starts the bridge itself
 * where that is the first word, so that nothing else is loaded.
 */
@Command(
    name = "bridge",
    description =
        "Carry bytes between standard input and output and a daemon's socket: what qemu+ssh://"
            + " starts on the other host. Options: --system, --session or --socket PATH.")
final class BridgeCommand extends Verb {
  @Unmatched
  @SuppressWarnings("unused") // Whatever stands there is for the bridge.
  private List<String> rest = new ArrayList<>();

  BridgeCommand(Session session) {
    super(session);
  }

  @Override
  void run() {
    throw new CommandFailure("'bridge' has to be the first word: drover bridge --socket PATH");
  }

  @Override
  String failure() {
    return "Failed to carry bytes";
  }
}
