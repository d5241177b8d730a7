package dev.drover.client.cli;

import dev.drover.client.Drover;
import java.util.Optional;

/** One run of the command line: its connection, made when it is first needed, and its output. */
final class Session implements AutoCloseable {
  private final GlobalOptions options;
  private final Surroundings surroundings;
  private Optional<Drover> drover = Optional.empty();
  private Optional<Output> output = Optional.empty();

  Session(GlobalOptions options, Surroundings surroundings) {
    this.options = options;
    this.surroundings = surroundings;
  }

  /** The connection that {@code -c}, else DROVER_URI, else the nearest daemon names. */
  Drover drover() {
    if (drover.isEmpty()) {
      String uri =
          options.uri().orElseGet(() -> surroundings.environment().getOrDefault("DROVER_URI", ""));
      drover =
          Optional.of(
              surroundings.connect().apply(Drover.builder().uri(uri).readOnly(options.readOnly())));
    }
    return drover.get();
  }

  /** Where results go. */
  Output output() {
    if (output.isEmpty()) {
      output =
          Optional.of(
              new Output(surroundings.out(), options.format(), options.quiet(), options.headers()));
    }
    return output.get();
  }

  Surroundings surroundings() {
    return surroundings;
  }

  @Override
  public void close() {
    drover.ifPresent(Drover::close);
  }
}
