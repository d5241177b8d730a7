package dev.drover.test.block;

import dev.drover.spi.CallContext;
import dev.drover.spi.Jobs;
import dev.drover.spi.block.Bandwidths;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobGroupRules;
import dev.drover.spi.job.JobTransitions;
import dev.drover.test.hypervisor.World;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.SetJobSpeedRequest;
import java.util.List;
import java.util.Optional;

/** Jobs, followed and ended. */
public final class TestJobs implements Jobs {

  private final World world;
  private final JobEngine engine;

  TestJobs(World world, JobEngine engine) {
    this.world = world;
    this.engine = engine;
  }

  @Override
  public Optional<Job> get(String jobId) {
    return world.jobs().find(jobId);
  }

  @Override
  public List<Job> list() {
    return world.jobs().list();
  }

  @Override
  public Job cancel(CallContext call, CancelJobRequest request) {
    String id = request.getJobId();
    while (!world.lock().get(() -> decideCancel(world.jobs().require(id)))) {
      world.jobs().await(call, id, job -> job.getState() != JobState.JOB_STATE_PENDING);
    }
    return request.getAsync() ? world.jobs().require(id) : ended(call, id);
  }

  @Override
  public Job complete(CallContext call, CompleteJobRequest request) {
    String id = request.getJobId();
    requireTwoPhases(world.jobs().require(id));
    boolean decided = false;
    while (!decided) {
      decided = world.lock().get(() -> decideCompletion(world.jobs().require(id), request));
      if (!decided) {
        world.jobs().await(call, id, TestJobs::pastCopying);
      }
    }
    return request.getAsync() ? world.jobs().require(id) : completed(call, id);
  }

  /**
   * Waits for the end of a job whose end was ordered, and refuses where it is not the ordered one.
   */
  Job completed(CallContext call, String id) {
    Job job =
        world
            .jobs()
            .await(
                call,
                id,
                now ->
                    JobTransitions.terminal(now.getState())
                        || now.getState() == JobState.JOB_STATE_READY);
    if (job.getState() == JobState.JOB_STATE_READY) {
      throw engine
          .refusal(id)
          .orElseGet(
              () ->
                  DriverException.of(
                      ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED,
                      "job %s was not ended with the others and is READY as before".formatted(id),
                      "command",
                      "complete",
                      "job",
                      id));
    }
    if (job.getState() != JobState.JOB_STATE_SUCCEEDED) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_JOB_FAILED,
          "job %s ended as %s while it was being completed: %s"
              .formatted(id, name(job), job.getError().getMessage()),
          "job",
          id);
    }
    return job;
  }

  @Override
  public Job resume(CallContext call, ResumeJobRequest request) {
    return world
        .lock()
        .get(
            () -> {
              Job job = world.jobs().require(request.getJobId());
              if (JobTransitions.terminal(job.getState())) {
                throw stateInvalid(job);
              }
              engine.resume(job.getId());
              return world.jobs().require(job.getId());
            });
  }

  @Override
  public Job setSpeed(CallContext call, SetJobSpeedRequest request) {
    long speed = Bandwidths.bytesPerSecond(request.getBandwidth());
    return world
        .lock()
        .get(
            () -> {
              Job job = world.jobs().require(request.getJobId());
              if (job.getState() != JobState.JOB_STATE_RUNNING
                  && job.getState() != JobState.JOB_STATE_READY) {
                throw stateInvalid(job);
              }
              return engine.setSpeed(job.getId(), speed);
            });
  }

  /** True where the end is decided; false where the job is just being started and waited for. */
  private boolean decideCancel(Job job) {
    return switch (job.getState()) {
      case JOB_STATE_RUNNING, JOB_STATE_READY -> {
        engine.cancel(job.getId());
        yield true;
      }
      case JOB_STATE_CANCELLING, JOB_STATE_CANCELLED -> true;
      case JOB_STATE_PENDING -> false;
      case JOB_STATE_PIVOTING,
          JOB_STATE_FINALIZING,
          JOB_STATE_SUCCEEDED,
          JOB_STATE_FAILED,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          throw stateInvalid(job);
    };
  }

  /** True where the end is decided; false where the job must be READY first and is waited for. */
  private boolean decideCompletion(Job job, CompleteJobRequest request) {
    boolean same = job.getCompletion() == request.getCompletion();
    return switch (job.getState()) {
      case JOB_STATE_READY -> {
        if (request.getHoldGuest() || request.hasQuiesce()) {
          engine.endTogether(
              List.of(job.getId()), request.getCompletion(), JobGroupRules.freezeLimit(request));
        } else if (request.getCompletion() == JobCompletion.JOB_COMPLETION_PIVOT) {
          engine.pivot(job.getId());
        } else {
          engine.keep(job.getId());
        }
        yield true;
      }
      case JOB_STATE_PENDING, JOB_STATE_RUNNING -> {
        if (!request.getWaitReady()) {
          throw notReady(job);
        }
        yield false;
      }
      case JOB_STATE_PIVOTING, JOB_STATE_CANCELLING, JOB_STATE_FINALIZING, JOB_STATE_SUCCEEDED -> {
        if (!same) {
          throw stateInvalid(job);
        }
        yield true;
      }
      case JOB_STATE_FAILED, JOB_STATE_CANCELLED, JOB_STATE_UNSPECIFIED, UNRECOGNIZED ->
          throw stateInvalid(job);
    };
  }

  /** True where the job ends, or has ended, as asked for. */
  static boolean isCompleting(Job job, JobCompletion completion) {
    return job.getCompletion() == completion
        && switch (job.getState()) {
          case JOB_STATE_PIVOTING,
              JOB_STATE_CANCELLING,
              JOB_STATE_FINALIZING,
              JOB_STATE_SUCCEEDED ->
              true;
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

  /** Why a job cannot be completed in its state. */
  static DriverException notCompletable(Job job) {
    return pastCopying(job) ? stateInvalid(job) : notReady(job);
  }

  private Job ended(CallContext call, String id) {
    return world.jobs().await(call, id, job -> JobTransitions.terminal(job.getState()));
  }

  /** True once a mirror is READY, or past it. */
  static boolean pastCopying(Job job) {
    return job.getState() != JobState.JOB_STATE_PENDING
        && job.getState() != JobState.JOB_STATE_RUNNING;
  }

  /** Refuses jobs that end by themselves. */
  static void requireTwoPhases(Job job) {
    if (job.getKind() != JobKind.JOB_KIND_COPY && job.getKind() != JobKind.JOB_KIND_ACTIVE_COMMIT) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_JOB_KIND_INVALID,
          "job %s is a %s, which ends by itself; only a copy or active commit is completed"
              .formatted(job.getId(), kind(job)),
          "job",
          job.getId(),
          "kind",
          kind(job));
    }
  }

  private static DriverException notReady(Job job) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_NOT_READY,
        "job %s on disk '%s' is not ready to be completed yet (%s); wait for READY"
            .formatted(job.getId(), job.getDisk(), name(job)),
        "job",
        job.getId(),
        "state",
        name(job));
  }

  private static DriverException stateInvalid(Job job) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_STATE_INVALID,
        "job %s is %s and cannot be ended this way or changed".formatted(job.getId(), name(job)),
        "job",
        job.getId(),
        "state",
        name(job));
  }

  private static String name(Job job) {
    return job.getState().name().replace("JOB_STATE_", "");
  }

  private static String kind(Job job) {
    return job.getKind().name().replace("JOB_KIND_", "");
  }
}
