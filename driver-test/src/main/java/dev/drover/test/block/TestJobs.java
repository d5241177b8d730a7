package dev.drover.test.block;

import dev.drover.spi.CallContext;
import dev.drover.spi.Jobs;
import dev.drover.spi.block.Bandwidths;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobGroupRules;
import dev.drover.spi.job.JobRules;
import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.snapshot.HeldInside;
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
  private final WholeDomainJobs others;

  TestJobs(World world, JobEngine engine, WholeDomainJobs others) {
    this.world = world;
    this.engine = engine;
    this.others = others;
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
    return request.getAsync() ? world.jobs().require(id) : cancelled(call, id);
  }

  @Override
  public Job complete(CallContext call, CompleteJobRequest request) {
    String id = request.getJobId();
    JobRules.requireTwoPhases(world.jobs().require(id));
    new HeldInside(world.snapshots().listAll(), String::equals)
        .requireCompletable(List.of(world.jobs().require(id)), request.getCompletion());
    boolean decided = false;
    while (!decided) {
      decided = world.lock().get(() -> decideCompletion(world.jobs().require(id), request));
      if (!decided) {
        world.jobs().await(call, id, JobRules::pastCopying);
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
    return JobRules.requireSucceeded(job);
  }

  @Override
  public Job resume(CallContext call, ResumeJobRequest request) {
    return world
        .lock()
        .get(
            () -> {
              Job job = world.jobs().require(request.getJobId());
              JobRules.requireNotEnded(job);
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
              JobRules.requireCopying(job);
              return engine.setSpeed(job.getId(), speed);
            });
  }

  /** True where the end is decided; false where the job is just being started and waited for. */
  private boolean decideCancel(Job job) {
    return switch (job.getState()) {
      case JOB_STATE_RUNNING, JOB_STATE_READY -> {
        if (job.getKind() == JobKind.JOB_KIND_SNAPSHOT_DELETE) {
          // Its run sees that, ends the step that is under way, and then the job.
          world.jobs().advance(job.getId(), JobState.JOB_STATE_CANCELLING, _ -> {}, _ -> {});
        } else if (job.getDisk().isEmpty()) {
          others.cancel(job.getId());
        } else {
          engine.cancel(job.getId());
        }
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
          throw JobRules.stateInvalid(job);
    };
  }

  /** True where the end is decided; false where the job must be READY first and is waited for. */
  private boolean decideCompletion(Job job, CompleteJobRequest request) {
    if (JobRules.isCompleting(job, request.getCompletion())) {
      return true;
    }
    if (request.getWaitReady() && !JobRules.pastCopying(job)) {
      return false;
    }
    JobRules.requireReady(job);
    if (JobGroupRules.holdsGuest(request)) {
      JobRules.requireUnblocked(job);
      engine.endTogether(
          List.of(job.getId()), request.getCompletion(), JobGroupRules.freezeLimit(request));
    } else if (request.getCompletion() == JobCompletion.JOB_COMPLETION_PIVOT) {
      engine.pivot(job.getId());
    } else {
      engine.keep(job.getId());
    }
    return true;
  }

  private Job cancelled(CallContext call, String id) {
    return JobRules.requireCancelled(
        world.jobs().await(call, id, job -> JobTransitions.terminal(job.getState())));
  }
}
