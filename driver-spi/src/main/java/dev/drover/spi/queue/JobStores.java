package dev.drover.spi.queue;

import dev.drover.v1.Job;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The stores that jobs work on, kept while somebody asks for them: to find one out may take long.
 * Where stores have no limit, nobody asks. Safe for any number of threads.
 */
final class JobStores {

  private final ImageStores images;
  private final boolean limited;
  private final Map<String, Set<String>> known = new ConcurrentHashMap<>();

  JobStores(ImageStores images, boolean limited) {
    this.images = images;
    this.limited = limited;
  }

  /** Finds out the stores of a job; it may wait for the host's file system. */
  Set<String> find(Job job) {
    return find(Claim.paths(job));
  }

  /** Finds out the stores of images; it may wait for the host's file system. */
  Set<String> find(Collection<String> paths) {
    return limited
        ? paths.stream()
            .filter(path -> path.startsWith("/"))
            .map(images::store)
            .filter(store -> !store.isEmpty())
            .collect(Collectors.toCollection(LinkedHashSet::new))
        : Set.of();
  }

  /** What is known of a job; nothing before it was found out. */
  Set<String> of(String jobId) {
    return known.getOrDefault(jobId, Set.of());
  }

  void keep(Claim claim) {
    known.put(claim.jobId(), claim.stores());
  }

  void forget(String jobId) {
    known.remove(jobId);
  }

  /**
   * Finds out what is not known of jobs that began elsewhere, or before the daemon did. A file
   * system that hangs keeps one thread; until it answers, its job has no store for the others.
   *
   * @return whether there was anything to find out
   */
  boolean learn(Collection<Job> jobs) {
    if (!limited) {
      return false;
    }
    List<Job> unknown =
        jobs.stream().filter(job -> known.putIfAbsent(job.getId(), Set.of()) == null).toList();
    unknown.forEach(job -> known.put(job.getId(), find(job)));
    return !unknown.isEmpty();
  }
}
