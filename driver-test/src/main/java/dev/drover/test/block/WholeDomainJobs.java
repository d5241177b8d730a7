package dev.drover.test.block;

/** Ends jobs that have a whole domain and are no block jobs. */
@FunctionalInterface
public interface WholeDomainJobs {

  /**
   * Ends a job that is RUNNING, with the domain as it was. Under the {@link
   * dev.drover.test.clock.WorldLock}.
   */
  void cancel(String jobId);
}
