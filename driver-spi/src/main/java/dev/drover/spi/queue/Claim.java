package dev.drover.spi.queue;

import dev.drover.v1.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a job needs, or has, of the places there are.
 *
 * @param jobId the job
 * @param owner whose job it is
 * @param domainUuid the domain it works on
 * @param stores the stores that its images are on
 */
record Claim(String jobId, String owner, String domainUuid, Set<String> stores) {

  Claim {
    stores = Set.copyOf(stores);
  }

  /** That of a job on record. */
  static Claim of(Job job, Set<String> stores) {
    return new Claim(job.getId(), job.getOwner(), job.getDomainUuid(), stores);
  }

  /** Images that a job reads or writes, and which tell the stores that it needs. */
  static List<String> paths(Job job) {
    List<String> paths = new ArrayList<>();
    job.getResult().getChainBeforeList().stream()
        .findFirst()
        .ifPresent(image -> paths.add(image.getPath()));
    paths.add(job.getRequest().getBase());
    paths.add(job.getRequest().getTop());
    paths.add(job.getRequest().getDestination().getPath());
    return paths;
  }
}
