package dev.drover.server.driver;

import dev.drover.server.watch.EventHub;
import dev.drover.spi.BlockJobs;
import dev.drover.spi.ChainRepairs;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverInfo;
import dev.drover.spi.JobGroups;
import dev.drover.spi.Jobs;
import dev.drover.spi.Snapshots;
import dev.drover.spi.TestControl;
import java.util.Optional;

/**
 * An open driver as calls reach it: its facets, asked for once, and its events.
 *
 * @param scheme scheme of its URIs
 * @param description one line for people
 * @param driver the driver
 * @param events what happens in it
 * @param blockJobs facet behind BlockService
 * @param jobs facet behind JobService
 * @param chainRepairs facet behind VerifyChain and RepairChain
 * @param jobGroups facet behind CompleteJobs
 * @param snapshots facet behind SnapshotService
 * @param testControl facet behind TestControlService
 */
public record DriverConnection(
    String scheme,
    String description,
    Driver driver,
    EventHub events,
    Optional<BlockJobs> blockJobs,
    Optional<Jobs> jobs,
    Optional<ChainRepairs> chainRepairs,
    Optional<JobGroups> jobGroups,
    Optional<Snapshots> snapshots,
    Optional<TestControl> testControl) {

  /** Asks a driver for its facets. */
  public static DriverConnection of(
      String scheme, String description, Driver driver, EventHub events) {
    return new DriverConnection(
        scheme,
        description,
        driver,
        events,
        driver.blockJobs(),
        driver.jobs(),
        driver.chainRepairs(),
        driver.jobGroups(),
        driver.snapshots(),
        driver.testControl());
  }

  /** What the driver says of itself at the moment. */
  public DriverInfo info() {
    return driver.info();
  }
}
