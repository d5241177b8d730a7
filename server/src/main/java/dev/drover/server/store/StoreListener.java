package dev.drover.server.store;

import java.time.Duration;

/** Measures the database. It never blocks and never fails. */
@FunctionalInterface
public interface StoreListener {

  /** Measures nothing. */
  StoreListener NONE = (_, _, _) -> {};

  /**
   * A transaction has ended.
   *
   * @param waited time until those before it were done
   * @param worked time from then on, with the write to the disk
   * @param committed whether it was written
   */
  void transacted(Duration waited, Duration worked, boolean committed);
}
