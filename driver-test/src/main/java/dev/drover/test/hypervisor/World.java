package dev.drover.test.hypervisor;

import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.store.Store;
import dev.drover.test.clock.Pace;
import dev.drover.test.clock.VirtualClock;
import dev.drover.test.clock.WorldLock;
import dev.drover.test.fault.FaultGate;
import dev.drover.test.fault.FaultPlan;
import dev.drover.test.model.ImageHost;
import java.time.InstantSource;

/**
 * Everything the facets of the test driver share.
 *
 * @param lock orders all changes
 * @param clock virtual time, in which jobs and guests live
 * @param pace how fast disks are
 * @param time real time, in which records are stamped and calls have deadlines
 * @param faults what was armed
 * @param gate where calls meet faults
 * @param images the test host's files
 * @param disks the disks that guests and jobs hold open
 * @param store where the registers write
 * @param domains register of domains
 * @param lanes one lane for each domain
 * @param jobs register of jobs
 * @param snapshots register of snapshots
 */
public record World(
    WorldLock lock,
    VirtualClock clock,
    Pace pace,
    InstantSource time,
    FaultPlan faults,
    FaultGate gate,
    ImageHost images,
    OpenDisks disks,
    Store store,
    DomainBook domains,
    DomainLanes lanes,
    JobBook jobs,
    SnapshotBook snapshots) {}
