package dev.drover.client;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Growing pauses between attempts to reach a daemon, cut short when the client is closed. */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(20);
  private static final Duration LONGEST = Duration.ofSeconds(1);

  private final CountDownLatch closed;
  private Duration next = FIRST;

  Backoff(CountDownLatch closed) {
    this.closed = closed;
  }

  /** Begins again with the shortest pause. */
  void reset() {
    next = FIRST;
  }

  /**
   * Waits for the next pause, or for {@code limit} where that is shorter.
   *
   * @return false where the client was closed meanwhile
   */
  boolean await(Duration limit) throws InterruptedException {
    Duration pause = next.compareTo(limit) < 0 ? next : limit;
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    return !closed.await(pause.toNanos(), TimeUnit.NANOSECONDS);
  }
}
