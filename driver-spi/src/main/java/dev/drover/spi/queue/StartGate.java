package dev.drover.spi.queue;

import dev.drover.v1.Job;
import java.util.Optional;

/**
 * What a start passes once it is planned, and before its job is on record or anything is changed.
 * The domain's lane is held meanwhile, so that nothing has become of the plan by then.
 */
@FunctionalInterface
public interface StartGate {

  /** Lets every start through. */
  StartGate OPEN = _ -> Optional.empty();

  /**
   * Lets a start through, or puts its job into the queue.
   *
   * @param draft the job as it was planned, with kind, domain, disk, request and the chain before
   * @return empty: the job is to begin now; else the job to answer, and nothing is to be done
   * @throws dev.drover.spi.error.DriverException where it may not even wait
   */
  Optional<Job> hold(Job draft);
}
