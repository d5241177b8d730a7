package dev.drover.client.cli;

import java.util.List;
import java.util.Optional;

/**
 * What {@code connect} was given, which a batch and a shell understand as virsh does: where the
 * commands behind it go.
 *
 * @param uri a connection's URI; empty: what DROVER_URI names, else the nearest daemon
 * @param readOnly whether what would change something is refused from now on
 */
record ConnectWords(Optional<String> uri, boolean readOnly) {
  /** Name of the command. */
  static final String NAME = "connect";

  private static final String NAMED = "--name";

  /**
   * Reads the words of a command.
   *
   * @throws CommandFailure where they are not those of this one
   */
  static ConnectWords of(List<String> command) {
    Optional<String> uri = Optional.empty();
    boolean readOnly = false;
    for (int i = 1; i < command.size(); i++) {
      String word = command.get(i);
      if (word.equals("--readonly")) {
        readOnly = true;
        continue;
      }
      String given = word;
      if (word.startsWith(NAMED + "=")) {
        given = word.substring(NAMED.length() + 1);
      } else if (word.equals(NAMED) && i + 1 < command.size()) {
        given = command.get(++i);
      } else if (word.startsWith("-")) {
        throw new CommandFailure("command 'connect' does not have the option %s".formatted(word));
      }
      if (uri.isPresent()) {
        throw new CommandFailure(
            "command 'connect' takes one URI: unexpected '%s'".formatted(given));
      }
      uri = Optional.of(given);
    }
    return new ConnectWords(uri, readOnly);
  }
}
