package dev.drover.spi;

import java.util.Optional;

/**
 * A hypervisor driver, serving every call of its connections. All facets may be called by any
 * number of threads at the same time.
 *
 * <p>An optional facet that is absent makes every RPC of its service answer NOT_SUPPORTED (A3); the
 * daemon asks for each facet once. Calls that read answer from the driver's model without blocking,
 * since they run on the daemon's event loop; calls that change something may block and run on a
 * virtual thread (R4).
 */
public interface Driver extends AutoCloseable {

  /** What the driver is and can do, answered from the model. */
  DriverInfo info();

  /** The host as the driver sees it. */
  NodeInfoSource node();

  /** Definition and life of domains. */
  Domains domains();

  /** Look at disks and start jobs on them. */
  default Optional<BlockJobs> blockJobs() {
    return Optional.empty();
  }

  /** Follow and end jobs. Present where {@link #blockJobs()} is. */
  default Optional<Jobs> jobs() {
    return Optional.empty();
  }

  /** Compare and repair backing chains. */
  default Optional<ChainRepairs> chainRepairs() {
    return Optional.empty();
  }

  /** End several jobs at one point in time. */
  default Optional<JobGroups> jobGroups() {
    return Optional.empty();
  }

  /** Make and show snapshots. */
  default Optional<Snapshots> snapshots() {
    return Optional.empty();
  }

  /** Clock and faults of a driver made for tests. */
  default Optional<TestControl> testControl() {
    return Optional.empty();
  }

  /**
   * Lets go of the hypervisors. Domains keep running; jobs go on and are found again by the next
   * {@link DriverProvider#open}. Waits no longer than a few seconds.
   */
  @Override
  void close();
}
