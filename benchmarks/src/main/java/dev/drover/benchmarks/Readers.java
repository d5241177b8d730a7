package dev.drover.benchmarks;

import java.time.Duration;

/** Threads that read a watch until it is closed. */
final class Readers {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Readers() {}

  /** Waits for the end of one whose watch was closed, so that its client can be closed next. */
  static void await(Thread reader) {
    try {
      if (!reader.join(PATIENCE)) {
        throw new IllegalStateException(reader + " still reads a watch that was closed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a watch was closed", e);
    }
  }
}
