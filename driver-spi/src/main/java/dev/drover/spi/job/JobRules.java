package dev.drover.spi.job;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;

/**
 * What a caller may order of a job, by its kind and its state, and how everything else is refused;
 * the same whatever executes the job. A rule looks at one reading of the job: whoever acts on the
 * answer sees to it that the job is still so.
 */
public final class JobRules {

  private JobRules() {}

  /** True for a mirror, which is READY first and then ends as its owner wants (D3). */
  public static boolean twoPhases(Job job) {
    return job.getKind() == JobKind.JOB_KIND_COPY
        || job.getKind() == JobKind.JOB_KIND_ACTIVE_COMMIT;
  }

  /**
   * Refuses to complete a job that ends by itself (D10).
   *
   * @throws DriverException JOB_KIND_INVALID
   */
  public static void requireTwoPhases(Job job) {
    if (!twoPhases(job)) {
      String kind = JobHolds.kindName(job.getKind());
      throw DriverException.of(
          ErrorReason.ERROR_REASON_JOB_KIND_INVALID,
          "%s is a %s, which ends by itself and cannot be completed; cancel it or wait for it"
              .formatted(named(job), kind),
          "job",
          job.getId(),
          "kind",
          kind);
    }
  }

  /** True where the job is in the queue and its turn has not come (R29). */
  public static boolean waits(Job job) {
    return job.getState() == JobState.JOB_STATE_PENDING && job.hasQueuePlace();
  }

  /** True where the job counts among those that copy: from its start until it is READY or ends. */
  public static boolean holdsPlace(Job job) {
    return !job.getDisk().isEmpty()
        && !waits(job)
        && (job.getState() == JobState.JOB_STATE_PENDING
            || job.getState() == JobState.JOB_STATE_RUNNING);
  }

  /** True once a mirror is READY, or past it. */
  public static boolean pastCopying(Job job) {
    return switch (job.getState()) {
      case JOB_STATE_PENDING, JOB_STATE_RUNNING -> false;
      case JOB_STATE_READY,
          JOB_STATE_PIVOTING,
          JOB_STATE_CANCELLING,
          JOB_STATE_FINALIZING,
          JOB_STATE_SUCCEEDED,
          JOB_STATE_FAILED,
          JOB_STATE_CANCELLED,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          true;
    };
  }

  /** True where the job ends, or has ended, as this completion wants it. */
  public static boolean isCompleting(Job job, JobCompletion completion) {
    return switch (job.getState()) {
      case JOB_STATE_PIVOTING, JOB_STATE_CANCELLING, JOB_STATE_FINALIZING, JOB_STATE_SUCCEEDED ->
          job.getCompletion() == completion;
      case JOB_STATE_PENDING,
          JOB_STATE_RUNNING,
          JOB_STATE_READY,
          JOB_STATE_FAILED,
          JOB_STATE_CANCELLED,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          false;
    };
  }

  /**
   * Refuses to complete a mirror that is not READY.
   *
   * @throws DriverException JOB_NOT_READY before that (R5), JOB_FAILED where it has failed, else
   *     JOB_STATE_INVALID
   */
  public static void requireReady(Job job) {
    if (!pastCopying(job)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_JOB_NOT_READY,
          "%s is not READY yet (%s); wait for it, or set wait_ready"
              .formatted(named(job), state(job)),
          "job",
          job.getId(),
          "state",
          state(job));
    }
    if (job.getState() == JobState.JOB_STATE_FAILED) {
      throw failed(job);
    }
    if (job.getState() != JobState.JOB_STATE_READY) {
      throw stateInvalid(job);
    }
  }

  /**
   * Refuses to hold the guest until a READY mirror has ended, where an I/O error holds the mirror:
   * the guest would stand still for as long (D15).
   *
   * @throws DriverException JOB_NOT_READY
   */
  public static void requireUnblocked(Job job) {
    if (job.getBlocked()) {
      throw blocked(job, job.getBlockedDetail());
    }
  }

  /** What {@link #requireUnblocked} throws. */
  public static DriverException blocked(Job job, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_NOT_READY,
        "%s is READY, but the guest is not held for it: %s".formatted(named(job), why),
        "job",
        job.getId(),
        "state",
        state(job));
  }

  /**
   * Refuses to change the speed of a job that does not copy. One that has a whole domain copies
   * nothing itself.
   *
   * @throws DriverException JOB_STATE_INVALID
   */
  public static void requireCopying(Job job) {
    if (job.getDisk().isEmpty() && !JobTransitions.terminal(job.getState())) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_JOB_STATE_INVALID,
          "%s copies nothing and has no speed".formatted(named(job)),
          "job",
          job.getId(),
          "state",
          state(job));
    }
    if (job.getState() != JobState.JOB_STATE_RUNNING
        && job.getState() != JobState.JOB_STATE_READY) {
      throw stateInvalid(job);
    }
  }

  /**
   * Refuses orders to a job that has ended.
   *
   * @throws DriverException JOB_STATE_INVALID
   */
  public static void requireNotEnded(Job job) {
    if (JobTransitions.terminal(job.getState())) {
      throw stateInvalid(job);
    }
  }

  /**
   * The answer to an order to complete, given the job as it ended.
   *
   * @throws DriverException JOB_FAILED where it did not end as ordered
   */
  public static Job requireSucceeded(Job ended) {
    if (ended.getState() != JobState.JOB_STATE_SUCCEEDED) {
      throw failed(ended);
    }
    return ended;
  }

  /**
   * The answer to an order to cancel, given the job as it ended.
   *
   * @throws DriverException JOB_STATE_INVALID where it ended otherwise
   */
  public static Job requireCancelled(Job ended) {
    if (ended.getState() != JobState.JOB_STATE_CANCELLED) {
      throw stateInvalid(ended);
    }
    return ended;
  }

  /** The failure for an order that a job in its state does not take: JOB_STATE_INVALID. */
  public static DriverException stateInvalid(Job job) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_STATE_INVALID,
        "%s %s".formatted(named(job), standing(job)),
        "job",
        job.getId(),
        "state",
        state(job));
  }

  private static DriverException failed(Job job) {
    String why =
        job.hasError() ? job.getError().getMessage() : "it ended as %s".formatted(state(job));
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_FAILED,
        "%s did not complete: %s".formatted(named(job), why),
        "job",
        job.getId(),
        "state",
        state(job));
  }

  /** Where the job stands and what that means for whoever ordered something. */
  private static String standing(Job job) {
    String advice =
        switch (job.getState()) {
          case JOB_STATE_PENDING ->
              waits(job)
                  ? "it waits for its turn; try again once it is RUNNING"
                  : "it is only being started; try again once it is RUNNING";
          case JOB_STATE_RUNNING, JOB_STATE_READY -> "it moves on at this moment; try again";
          case JOB_STATE_PIVOTING, JOB_STATE_CANCELLING, JOB_STATE_FINALIZING ->
              "its end is decided; wait for it";
          case JOB_STATE_SUCCEEDED,
              JOB_STATE_FAILED,
              JOB_STATE_CANCELLED,
              JOB_STATE_UNSPECIFIED,
              UNRECOGNIZED ->
              "it has ended and takes no more orders; its record tells how it ended";
        };
    return "is %s and does not allow that: %s".formatted(state(job), advice);
  }

  /** The job as messages name it; one that has a whole domain is on no disk. */
  private static String named(Job job) {
    String disk = job.getDisk().isEmpty() ? "" : " on disk '%s'".formatted(job.getDisk());
    return "job %s%s of domain '%s'".formatted(job.getId(), disk, job.getDomainName());
  }

  private static String state(Job job) {
    return job.getState().name().replace("JOB_STATE_", "");
  }
}
