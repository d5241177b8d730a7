package dev.drover.spi.chain;

import dev.drover.spi.ProtoTimes;
import dev.drover.spi.job.JobBook;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Job;
import java.util.Comparator;
import java.util.List;

/** The chain of a disk as the newest job on it has left it. */
public final class LastKnownChain {

  private LastKnownChain() {}

  /** From the active image down; empty where no job on the disk is on record. */
  public static List<ChainImage> of(JobBook jobs, String domainUuid, String target) {
    return jobs.list().stream()
        .filter(job -> job.getDomainUuid().equals(domainUuid) && job.getDisk().equals(target))
        .filter(Job::hasEndTime)
        .max(Comparator.comparing(job -> ProtoTimes.instant(job.getEndTime())))
        .map(job -> job.getResult().getChainAfterList())
        .orElse(List.of());
  }
}
