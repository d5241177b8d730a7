package dev.drover.spi.queue;

import java.time.Duration;

/** Does something later, in the time in which the driver's jobs live. */
@FunctionalInterface
public interface QueueAlarm {

  /**
   * Runs work after a time.
   *
   * @param work short, and safe to be run in vain
   */
  void after(Duration delay, Runnable work);
}
