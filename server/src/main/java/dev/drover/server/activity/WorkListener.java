package dev.drover.server.activity;

import dev.drover.spi.activity.Activity.Outcome;
import dev.drover.spi.activity.Work;
import java.time.Duration;

/** Measures the work of drivers. It runs on their threads: it never blocks and never fails. */
@FunctionalInterface
public interface WorkListener {

  /**
   * Work of a driver has begun, on the current thread.
   *
   * @param scheme scheme of the driver
   * @return hears once how it ended
   */
  Ending begun(String scheme, Work work);

  /** Hears how work ended. */
  @FunctionalInterface
  interface Ending {
    /** It ended, or nobody waits for it any more. */
    void ended(Outcome outcome, Duration lasted);
  }
}
