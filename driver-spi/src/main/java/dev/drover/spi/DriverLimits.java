package dev.drover.spi;

/**
 * What the daemon's configuration lets one driver have at a time (R29). The names of the components
 * are those of the keys in section {@code [limits]}, in camel case; zero: no limit.
 *
 * @param domains domains, running ones without a definition among them; more are refused
 * @param jobs jobs that copy; more wait in the queue
 * @param jobsPerStore jobs that copy from or to images of one store; more wait in the queue
 * @param queuedJobs jobs that wait; more are refused
 */
public record DriverLimits(int domains, int jobs, int jobsPerStore, int queuedJobs) {

  /** No limit at all. */
  public static final DriverLimits NONE = new DriverLimits(0, 0, 0, 0);

  /** True where a job may have to wait for a place. */
  public boolean queues() {
    return jobs > 0 || jobsPerStore > 0;
  }
}
