package dev.drover.spi.job;

import dev.drover.v1.Job;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The jobs by their ids, and apart from them those that have not ended: there are few of these,
 * while the history grows for as long as the daemon is used. Changed by one thread at a time, read
 * by any number.
 */
final class JobIndex {

  private final Map<String, Job> jobs = new ConcurrentHashMap<>();

  /** Ids of every job that has not ended, and for a moment of one that has, or is to come. */
  private final Set<String> open = ConcurrentHashMap.newKeySet();

  Optional<Job> find(String jobId) {
    return Optional.ofNullable(jobs.get(jobId));
  }

  List<Job> list() {
    return List.copyOf(jobs.values());
  }

  List<Job> active() {
    return open.stream()
        .flatMap(id -> find(id).stream())
        .filter(job -> !JobTransitions.terminal(job.getState()))
        .toList();
  }

  void put(Job job) {
    boolean ended = JobTransitions.terminal(job.getState());
    if (!ended) {
      open.add(job.getId());
    }
    jobs.put(job.getId(), job);
    if (ended) {
      open.remove(job.getId());
    }
  }

  void remove(String jobId) {
    jobs.remove(jobId);
    open.remove(jobId);
  }
}
