package dev.drover.spi.activity;

import dev.drover.v1.Job;

/**
 * Where a driver tells what it is at, so that the daemon can measure it, and show what hangs while
 * it hangs (R4, R21). Telling never blocks and never fails.
 */
@FunctionalInterface
public interface Activities {

  /** Tells nobody. */
  Activities UNOBSERVED = _ -> Activity.UNOBSERVED;

  /**
   * Some work begins now, on behalf of what the current thread does.
   *
   * @return to be ended once
   */
  Activity begin(Work work);

  /**
   * The current thread begins to work on a job, so that what it begins meanwhile is known to be
   * done for that job, also when the call that asked for the job is long over, in another daemon.
   *
   * @param job the job as it is on record
   * @return to be closed on the same thread
   */
  default JobTurn turn(Job job) {
    return JobTurn.UNOBSERVED;
  }
}
