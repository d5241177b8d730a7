package dev.drover.client.cli;

import dev.drover.client.Drover;
import java.util.HashMap;
import java.util.Map;

/** The connections of one process: one for each daemon and mode, made when first needed. */
final class Connections implements AutoCloseable {
  private record Key(String uri, boolean readOnly) {}

  private final Surroundings surroundings;
  private final Map<Key, Drover> open = new HashMap<>();

  Connections(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /** The connection that {@code -c}, else DROVER_URI, else the nearest daemon names. */
  synchronized Drover get(GlobalOptions options) {
    String uri =
        options.uri().orElseGet(() -> surroundings.environment().getOrDefault("DROVER_URI", ""));
    return open.computeIfAbsent(new Key(uri, options.readOnly()), this::connect);
  }

  private Drover connect(Key key) {
    return surroundings
        .connect()
        .apply(
            Drover.builder()
                .uri(key.uri())
                .readOnly(key.readOnly())
                .askOnTerminal(surroundings.terminal()));
  }

  @Override
  public synchronized void close() {
    open.values().forEach(Drover::close);
  }
}
