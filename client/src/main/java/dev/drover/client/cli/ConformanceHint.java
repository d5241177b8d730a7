package dev.drover.client.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * Stands for {@code drover conformance} in the list of commands. The launcher starts the suite
 * itself where that is the first word, so that no other command has to load it.
 */
@Command(
    name = "conformance",
    description = "Hold a driver to the documented behaviour; see 'drover conformance --help'.")
final class ConformanceHint extends Verb {
  @Unmatched
  @SuppressWarnings("unused") // Whatever stands there is for the suite.
  private List<String> rest = new ArrayList<>();

  ConformanceHint(Session session) {
    super(session);
  }

  @Override
  void run() {
    throw new CommandFailure(
        "'conformance' has to be the first word: drover conformance run --connect URI");
  }

  @Override
  String failure() {
    return "Failed to run the suite";
  }
}
