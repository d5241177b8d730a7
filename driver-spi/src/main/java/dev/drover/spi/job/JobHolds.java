package dev.drover.spi.job;

import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import java.util.List;

/** How a call is refused because of the job that holds its disk, or the whole domain (1F). */
public final class JobHolds {

  private JobHolds() {}

  /** The disks of a spec on which a job works. */
  static List<Disk> held(DomainSpec spec, Job job) {
    return spec.getDisksList().stream()
        .filter(disk -> job.getDisk().isEmpty() || disk.getTarget().equals(job.getDisk()))
        .toList();
  }

  /** The failure for a disk, or a whole domain, that a job holds. */
  public static DriverException busy(Job job) {
    return busy(
        job,
        JobRules.twoPhases(job)
            ? ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE
            : ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE);
  }

  /** The same with a reason of the call's own. */
  static DriverException busy(Job job, ErrorReason reason) {
    return DriverException.of(
        reason,
        "%sdomain '%s' is held by job %s (%s), started by %s at %s; wait for it or cancel it"
            .formatted(
                job.getDisk().isEmpty() ? "" : "disk '%s' of ".formatted(job.getDisk()),
                job.getDomainName(),
                job.getId(),
                kindName(job.getKind()),
                job.getOwner(),
                ProtoTimes.instant(job.getCreateTime())),
        "domain",
        job.getDomainName(),
        "disk",
        job.getDisk(),
        "job",
        job.getId(),
        "kind",
        kindName(job.getKind()),
        "owner",
        job.getOwner(),
        "since",
        ProtoTimes.instant(job.getCreateTime()).toString());
  }

  /** The name of a kind in messages and metadata. */
  static String kindName(JobKind kind) {
    return kind.name().replace("JOB_KIND_", "");
  }
}
