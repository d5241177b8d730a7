package dev.drover.client;

import java.time.Duration;

/** Durations as the API writes them. */
final class ProtoDurations {

  private ProtoDurations() {}

  static com.google.protobuf.Duration of(Duration duration) {
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
