package dev.drover.client;

import java.time.Duration;

/** Spans of time as clocks count them. */
final class Spans {
  /** Longer than anything here lives, and still small enough to be added to a clock reading. */
  static final Duration UNBOUNDED = Duration.ofDays(36500);

  private Spans() {}

  /** In nanoseconds; a span that is longer than the unbounded one counts as that. */
  static long nanos(Duration span) {
    return span.compareTo(UNBOUNDED) < 0 ? span.toNanos() : UNBOUNDED.toNanos();
  }
}
