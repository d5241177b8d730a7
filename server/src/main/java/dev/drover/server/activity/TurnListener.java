package dev.drover.server.activity;

import dev.drover.spi.activity.JobTurn;
import dev.drover.v1.Job;

/**
 * Hears of the work on jobs. It runs on the threads of drivers: it never blocks and never fails.
 */
@FunctionalInterface
public interface TurnListener {

  /** Hears nothing. */
  TurnListener NONE = (_, _) -> JobTurn.UNOBSERVED;

  /**
   * The current thread begins to work on a job.
   *
   * @param scheme scheme of the driver
   * @return hears, on the same thread, how far the job got, and the end
   */
  JobTurn began(String scheme, Job job);
}
