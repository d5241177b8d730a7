package dev.drover.client.cli;

import dev.drover.client.Drover;
import java.util.Optional;

/** One command's connection, made when it is first needed, and its output. */
final class Session {
  private final GlobalOptions options;
  private final Surroundings surroundings;
  private final Connections connections;
  private Optional<Output> output = Optional.empty();

  Session(GlobalOptions options, Surroundings surroundings, Connections connections) {
    this.options = options;
    this.surroundings = surroundings;
    this.connections = connections;
  }

  /** The connection that the options name. */
  Drover drover() {
    return connections.get(options);
  }

  /** Where results go. */
  Output output() {
    if (output.isEmpty()) {
      output =
          Optional.of(
              new Output(
                  surroundings.out(),
                  options.format(),
                  options.quiet(),
                  options.headers(),
                  surroundings.colours()));
    }
    return output.get();
  }

  Surroundings surroundings() {
    return surroundings;
  }
}
