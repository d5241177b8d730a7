package dev.drover.conformance.mutant;

import dev.drover.spi.BlockJobs;
import dev.drover.spi.ChainRepairs;
import dev.drover.spi.Domains;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverInfo;
import dev.drover.spi.DriverLimits;
import dev.drover.spi.JobGroups;
import dev.drover.spi.Jobs;
import dev.drover.spi.Snapshots;
import dev.drover.spi.event.DriverEvent;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;
import java.util.List;
import java.util.function.BiFunction;

/**
 * One mistake, seeded at the facets of a driver. Without any of its methods overridden it is no
 * mistake. A mutation may keep what it has seen, so each daemon gets one of its own.
 */
public interface Mutation {

  /** What the driver declares. */
  default DriverInfo info(DriverInfo declared) {
    return declared;
  }

  /** The limits that the driver takes for the daemon's. */
  default DriverLimits limits(DriverLimits given) {
    return given;
  }

  /** What is said of a job, in answers and in events. */
  default Job job(Job known) {
    return known;
  }

  /** What is said of a snapshot, in answers and in events. */
  default Snapshot snapshot(Snapshot known) {
    return known;
  }

  /**
   * What is told when something has happened. Called before anybody can see that it has, so what is
   * done to images here was done by the job as far as anybody can tell.
   */
  default List<DriverEvent> events(DriverEvent event, Driver driver) {
    return List.of(event);
  }

  /** How domains are served. */
  default Domains domains(Driver driver) {
    return driver.domains();
  }

  /** How jobs are started. */
  default BlockJobs blockJobs(Driver driver) {
    return driver.blockJobs().orElseThrow();
  }

  /** How jobs are followed and ended. */
  default Jobs jobs(Driver driver) {
    return driver.jobs().orElseThrow();
  }

  /** How several jobs are ended at one moment. */
  default JobGroups jobGroups(Driver driver) {
    return driver.jobGroups().orElseThrow();
  }

  /** How chains are compared and mended. */
  default ChainRepairs chainRepairs(Driver driver) {
    return driver.chainRepairs().orElseThrow();
  }

  /** How snapshots are served. */
  default Snapshots snapshots(Driver driver) {
    return driver.snapshots().orElseThrow();
  }

  /**
   * A mistake in one facet: start of jobs. The mistake is told the real facet and the real driver.
   */
  static Mutation ofBlockJobs(BiFunction<BlockJobs, Driver, BlockJobs> mistake) {
    return new Mutation() {
      @Override
      public BlockJobs blockJobs(Driver driver) {
        return mistake.apply(Mutation.super.blockJobs(driver), driver);
      }
    };
  }

  /** A mistake in one facet: domains. The mistake is told the real facet and the real driver. */
  static Mutation ofDomains(BiFunction<Domains, Driver, Domains> mistake) {
    return new Mutation() {
      @Override
      public Domains domains(Driver driver) {
        return mistake.apply(Mutation.super.domains(driver), driver);
      }
    };
  }

  /** A mistake in one facet: jobs. The mistake is told the real facet and the real driver. */
  static Mutation ofJobs(BiFunction<Jobs, Driver, Jobs> mistake) {
    return new Mutation() {
      @Override
      public Jobs jobs(Driver driver) {
        return mistake.apply(Mutation.super.jobs(driver), driver);
      }
    };
  }

  /** A mistake in one facet: snapshots. The mistake is told the real facet and the real driver. */
  static Mutation ofSnapshots(BiFunction<Snapshots, Driver, Snapshots> mistake) {
    return new Mutation() {
      @Override
      public Snapshots snapshots(Driver driver) {
        return mistake.apply(Mutation.super.snapshots(driver), driver);
      }
    };
  }
}
