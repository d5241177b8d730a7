package dev.drover.spi.block;

import dev.drover.spi.DurationWords;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Convergence;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** How mirrors get in step with a guest that writes (R19). */
public final class Convergences {

  private Convergences() {}

  /** A request's wish with its default named. */
  public static Convergence resolved(Convergence asked) {
    return asked.getPolicy() == ConvergencePolicy.CONVERGENCE_POLICY_UNSPECIFIED
        ? asked.toBuilder().setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_NONE).build()
        : asked;
  }

  /** Whether every guest write waits for the destination. */
  public static boolean writeBlocking(Convergence convergence) {
    return convergence.getPolicy() == ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING;
  }

  /** The longest time for which the guest may be held for a job; empty: it is not held. */
  public static Optional<Duration> mayHold(Job job) {
    Convergence convergence = job.getRequest().getConvergence();
    return convergence.getPolicy() == ConvergencePolicy.CONVERGENCE_POLICY_PAUSE
        ? Optional.of(ProtoTimes.duration(convergence.getMaxPause()))
        : Optional.empty();
  }

  /**
   * The moment by which a job must be READY; empty where there is none, or none any more since it
   * was READY or is being ended.
   */
  public static Optional<Instant> due(Job job) {
    boolean copies =
        job.getState() == JobState.JOB_STATE_PENDING
            || job.getState() == JobState.JOB_STATE_RUNNING;
    Convergence convergence = job.getRequest().getConvergence();
    return copies && !job.hasReadyTime() && convergence.hasDeadline()
        ? Optional.of(
            ProtoTimes.instant(job.getCreateTime())
                .plus(ProtoTimes.duration(convergence.getDeadline())))
        : Optional.empty();
  }

  /** That a job was not READY in time. */
  public static DriverException notConverged(Job job) {
    Duration deadline = ProtoTimes.duration(job.getRequest().getConvergence().getDeadline());
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_NOT_CONVERGED,
        ("job %s on disk '%s' of domain '%s' was not READY within %s; its disk is on the old chain."
                + " Give it more time or speed, or a convergence policy that holds the guest back")
            .formatted(job.getId(), job.getDisk(), job.getDomainName(), DurationWords.of(deadline)),
        "job",
        job.getId(),
        "deadline_ms",
        Long.toString(deadline.toMillis()));
  }
}
