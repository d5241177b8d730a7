package dev.drover.client.cli;

import dev.drover.client.Drover;
import java.util.HashMap;
import java.util.Map;

/** The connections of one process: one for each daemon and mode, made when first needed. */
final class Connections implements AutoCloseable {
  private final Surroundings surroundings;
  private final Map<String, Drover> open = new HashMap<>();
  private final Map<String, Drover> openReadOnly = new HashMap<>();
  private boolean brief = true;

  Connections(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /** Many commands are to follow, for which what takes long to set up is worth it. */
  synchronized void last() {
    brief = false;
  }

  /** The connection that {@code -c}, else DROVER_URI, else the nearest daemon names. */
  synchronized Drover get(GlobalOptions options) {
    String uri =
        options.uri().orElseGet(() -> surroundings.environment().getOrDefault("DROVER_URI", ""));
    return (options.readOnly() ? openReadOnly : open)
        .computeIfAbsent(uri, key -> connect(key, options.readOnly()));
  }

  private Drover connect(String uri, boolean readOnly) {
    return surroundings
        .connect()
        .apply(
            Drover.builder()
                .uri(uri)
                .readOnly(readOnly)
                .askOnTerminal(surroundings.terminal())
                .brief(brief));
  }

  @Override
  public synchronized void close() {
    open.values().forEach(Drover::close);
    openReadOnly.values().forEach(Drover::close);
  }
}
