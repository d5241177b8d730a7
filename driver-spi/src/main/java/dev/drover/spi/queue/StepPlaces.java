package dev.drover.spi.queue;

import dev.drover.spi.CallContext;
import dev.drover.v1.Job;
import java.util.Collection;

/**
 * Places for jobs that a longer job starts as its steps. A step is not recorded before its turn
 * comes: the longer job is, and begins the step anew after a restart of the daemon.
 */
@FunctionalInterface
public interface StepPlaces {

  /** Lets every step begin at once. */
  StepPlaces UNLIMITED = (_, _, _, _) -> () -> {};

  /** A place kept for a step until its job is on record, and counts by itself. */
  @FunctionalInterface
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Waits for a step's turn; the longer job shows what it waits for meanwhile.
   *
   * @param parent the longer job
   * @param stepId id that the step's job will have
   * @param paths images that the step works on
   * @throws dev.drover.spi.error.DriverException JOB_CANCELLED where the longer job is being
   *     cancelled, DEADLINE_EXCEEDED, CALL_CANCELLED
   */
  Place await(CallContext call, Job parent, String stepId, Collection<String> paths);
}
