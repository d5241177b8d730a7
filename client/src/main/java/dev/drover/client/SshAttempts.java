package dev.drover.client;

import java.time.Duration;

/**
 * Keeps a client from calling at a host again and again that does not let it in: whoever asks for a
 * connection after one that failed waits, each time longer. Safe for use by many threads.
 */
final class SshAttempts {
  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private Duration next = Duration.ZERO;
  private long failedAt;

  /** Time that the next attempt has to wait; zero after one that worked. */
  synchronized Duration pause() {
    Duration left = next.minusNanos(System.nanoTime() - failedAt);
    return next.isZero() || left.isNegative() ? Duration.ZERO : left;
  }

  synchronized void worked() {
    next = Duration.ZERO;
  }

  synchronized void failed() {
    failedAt = System.nanoTime();
    Duration doubled = next.isZero() ? FIRST : next.multipliedBy(2);
    next = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
  }
}
