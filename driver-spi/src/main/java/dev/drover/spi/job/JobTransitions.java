package dev.drover.spi.job;

import com.google.protobuf.Timestamp;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.util.Set;
import java.util.function.Consumer;

/** The state machine of every job, whatever executes it. */
public final class JobTransitions {

  private JobTransitions() {}

  /** True where a job in {@code from} may go over to {@code to}. */
  public static boolean allowed(JobState from, JobState to) {
    return next(from).contains(to);
  }

  /** True where a job in this state has ended for good. */
  public static boolean terminal(JobState state) {
    return next(state).isEmpty();
  }

  /**
   * A job in its next state.
   *
   * @param edit further changes of the record
   * @throws IllegalStateException where {@link #allowed} says no
   */
  static Job moved(Job current, JobState next, Consumer<Job.Builder> edit, Timestamp now) {
    if (!allowed(current.getState(), next)) {
      throw new IllegalStateException(
          "job %s cannot go from %s to %s".formatted(current.getId(), current.getState(), next));
    }
    Job.Builder builder = current.toBuilder();
    edit.accept(builder);
    builder.setState(next).setRevision(current.getRevision() + 1);
    if (current.getState() == JobState.JOB_STATE_PENDING || terminal(next)) {
      builder.clearQueuePlace();
    }
    if (next == JobState.JOB_STATE_RUNNING && !current.hasStartTime()) {
      builder.setStartTime(now);
    }
    if (next == JobState.JOB_STATE_READY && !current.hasReadyTime()) {
      builder.setReadyTime(now);
    }
    if (terminal(next)) {
      builder.setEndTime(now).setBlocked(false).setBlockedDetail("").clearBlockedReason();
      if (builder.hasProgress()) {
        builder.getProgressBuilder().setRateBytesPerSecond(0).setRemainingMilliseconds(0);
      }
    }
    return builder.build();
  }

  /**
   * States that may follow. PIVOTING returns to READY where the hypervisor refused to begin the
   * switch, and so does CANCELLING where the common end of several jobs was given up in time;
   * FINALIZING and PIVOTING may end CANCELLED or FAILED where the hypervisor died before it had
   * happened; CANCELLING may end SUCCEEDED where the work was done before the cancel arrived.
   */
  private static Set<JobState> next(JobState state) {
    return switch (state) {
      case JOB_STATE_PENDING ->
          Set.of(
              JobState.JOB_STATE_RUNNING, JobState.JOB_STATE_FAILED, JobState.JOB_STATE_CANCELLED);
      case JOB_STATE_RUNNING ->
          Set.of(
              JobState.JOB_STATE_READY,
              JobState.JOB_STATE_CANCELLING,
              JobState.JOB_STATE_FINALIZING,
              JobState.JOB_STATE_FAILED,
              JobState.JOB_STATE_CANCELLED);
      case JOB_STATE_READY ->
          Set.of(
              JobState.JOB_STATE_PIVOTING,
              JobState.JOB_STATE_CANCELLING,
              JobState.JOB_STATE_FINALIZING,
              JobState.JOB_STATE_FAILED,
              JobState.JOB_STATE_CANCELLED);
      case JOB_STATE_PIVOTING ->
          Set.of(
              JobState.JOB_STATE_READY,
              JobState.JOB_STATE_FINALIZING,
              JobState.JOB_STATE_FAILED,
              JobState.JOB_STATE_CANCELLED);
      case JOB_STATE_CANCELLING ->
          Set.of(
              JobState.JOB_STATE_READY,
              JobState.JOB_STATE_SUCCEEDED,
              JobState.JOB_STATE_FAILED,
              JobState.JOB_STATE_CANCELLED);
      case JOB_STATE_FINALIZING ->
          Set.of(
              JobState.JOB_STATE_SUCCEEDED,
              JobState.JOB_STATE_FAILED,
              JobState.JOB_STATE_CANCELLED);
      case JOB_STATE_SUCCEEDED,
          JOB_STATE_FAILED,
          JOB_STATE_CANCELLED,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          Set.of();
    };
  }
}
