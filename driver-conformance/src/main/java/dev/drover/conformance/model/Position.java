package dev.drover.conformance.model;

import dev.drover.v1.ChainImage;
import dev.drover.v1.DomainState;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What there is to choose among before a step.
 *
 * @param state of the domain
 * @param chains images of each disk from the active one down, named without the directory; empty
 *     where the chain cannot be read
 * @param snapshots names, the oldest first
 * @param jobs jobs that a client began, the newest first
 */
record Position(
    DomainState state, Map<String, List<Layer>> chains, List<String> snapshots, List<Job> jobs) {

  private static final Set<JobState> ENDED =
      EnumSet.of(
          JobState.JOB_STATE_SUCCEEDED, JobState.JOB_STATE_FAILED, JobState.JOB_STATE_CANCELLED);

  /** What holds 512 KiB is moved in one go, whatever the limit; this is more than that. */
  private static final long PLENTY = 2L << 20;

  /**
   * An image of a chain.
   *
   * @param name without the directory
   * @param allocated bytes of data in it
   */
  record Layer(String name, ImageFormat format, long size, long allocated) {

    static Layer of(ChainImage image, String name) {
      return new Layer(
          name, image.getFormat(), image.getVirtualSizeBytes(), image.getAllocatedBytes());
    }
  }

  /** Name of a disk that an operation means. */
  static String disk(int number) {
    return "vd" + (char) ('a' + number);
  }

  /** Whether the domain runs or is paused. */
  boolean up() {
    return switch (state) {
      case DOMAIN_STATE_RUNNING, DOMAIN_STATE_PAUSED, DOMAIN_STATE_IN_SHUTDOWN -> true;
      case DOMAIN_STATE_SHUT_OFF,
          DOMAIN_STATE_CRASHED,
          DOMAIN_STATE_UNKNOWN,
          DOMAIN_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          false;
    };
  }

  /** Images of a disk; none where the domain does not have it. */
  List<Layer> chain(String disk) {
    return chains.getOrDefault(disk, List.of());
  }

  /** The snapshot that an operation means, one that there is where there is any. */
  String snapshot(int number) {
    return snapshots.isEmpty() ? "none" : snapshots.get(number % snapshots.size());
  }

  /** The job that an operation means. */
  Optional<Job> job(int number) {
    return number < jobs.size() ? Optional.of(jobs.get(number)) : Optional.empty();
  }

  /** Jobs that go on. */
  List<Job> active() {
    return jobs.stream().filter(job -> !ended(job)).toList();
  }

  /** Whether a job holds the disk. */
  boolean held(String disk) {
    return active().stream().anyMatch(job -> job.getDisk().equals(disk) || job.getDisk().isEmpty());
  }

  /** Whether a commit is at work on the disk, in more than two images of its chain. */
  boolean commits(String disk) {
    return chain(disk).size() > 2
        && active().stream()
            .filter(job -> job.getDisk().equals(disk))
            .anyMatch(
                job ->
                    job.getKind() == JobKind.JOB_KIND_COMMIT
                        || job.getKind() == JobKind.JOB_KIND_ACTIVE_COMMIT);
  }

  static boolean ended(Job job) {
    return ENDED.contains(job.getState());
  }

  /** Whether a commit has so much to move that a limit keeps it at work. */
  boolean plentyToCommit(String disk, int top, int base) {
    List<Layer> chain = chain(disk);
    int first = top == 0 ? 0 : top - 1;
    int end = base == 0 ? chain.size() - 1 : base - 1;
    return first > 0 && first < end && end < chain.size() && most(chain, first, end) >= PLENTY;
  }

  /** The same of a pull into the active image. */
  boolean plentyToPull(String disk, int base) {
    List<Layer> chain = chain(disk);
    int end = base == 0 ? chain.size() : base - 1;
    return end > 1
        && end <= chain.size()
        && most(chain, 1, end) - chain.getFirst().allocated() >= PLENTY;
  }

  /** The same of a copy. */
  boolean plentyToCopy(String disk, boolean shallow) {
    List<Layer> chain = chain(disk);
    return !chain.isEmpty() && most(chain, 0, shallow ? 1 : chain.size()) >= PLENTY;
  }

  private static long most(List<Layer> chain, int from, int to) {
    return chain.subList(from, to).stream().mapToLong(Layer::allocated).max().orElse(0);
  }
}
