package dev.drover.test.block;

import dev.drover.spi.ProtoTimes;
import dev.drover.spi.block.Convergences;
import dev.drover.spi.error.DriverException;
import dev.drover.test.fault.Fault;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.EndCause;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.Clusters;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobErrorPolicy;
import dev.drover.v1.JobProgress;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Moves jobs from state to state: virtual time copies, decisions of callers end, faults hold. Every
 * step is recorded before it is done. Under the {@link dev.drover.test.clock.WorldLock}.
 */
final class JobEngine {

  /** Virtual time after which a job blocked for want of room tries again. */
  private static final Duration RETRY = Duration.ofSeconds(1);

  private static final double MILLIS_PER_SECOND = 1000;

  private final World world;
  private final Machines machines;
  private final JobClosing closing;
  private final BlockedJobs blocked;
  private final ConvergenceWatch convergence;

  /** Virtual time between two rounds of copying. */
  private final Duration round;

  private final Map<String, JobRun> runs = new LinkedHashMap<>();

  JobEngine(World world, Machines machines) {
    this.world = world;
    this.machines = machines;
    this.closing = new JobClosing(world);
    this.blocked = new BlockedJobs(world);
    this.round = world.pace().round();
    this.convergence = new ConvergenceWatch(world, round, this::fail);
    machines.listen(this::ending);
  }

  /** Takes a recorded job up. */
  Job begin(JobRun run) {
    runs.put(run.id, run);
    Job job =
        world.jobs().advance(run.id, JobState.JOB_STATE_RUNNING, builder -> {}, transaction -> {});
    if (run.task.twoPhase()) {
      boolean synchronous = Convergences.writeBlocking(job.getRequest().getConvergence());
      run.disk.listen((cluster, value) -> mirror(run, cluster, value, synchronous));
    }
    convergence.begun(run, job);
    tick(run, delay(run));
    return job;
  }

  /** Ends a recorded job that could not be taken up. */
  Job failToBegin(JobRun run, DriverException why) {
    closing.close(run, JobState.JOB_STATE_FAILED, Optional.of(why));
    return world.jobs().require(run.id);
  }

  /** Lets a blocked job try again; does nothing to any other. */
  void resume(String jobId) {
    blocked.resume(jobId);
  }

  /** Ends a READY job by the switch. */
  void pivot(String jobId) {
    pivot(run(jobId));
  }

  /** Ends a READY job without the switch, as its owner wanted. */
  void keep(String jobId) {
    leave(run(jobId), JobCompletion.JOB_COMPLETION_KEEP);
  }

  /** Ends a job that copies or is READY without the switch. */
  void cancel(String jobId) {
    leave(run(jobId), JobCompletion.JOB_COMPLETION_UNSPECIFIED);
  }

  /**
   * Ends READY jobs at one moment.
   *
   * @param quiesce how long file systems may be frozen for it; zero: not at all
   * @throws DriverException GUEST_AGENT_UNAVAILABLE
   */
  void endTogether(List<String> jobIds, JobCompletion completion, Duration quiesce) {
    JointEnd.begin(world, this, jobIds.stream().map(this::run).toList(), completion, quiesce);
  }

  /** Why the last common end of a job that is READY was given up, where that is known. */
  Optional<DriverException> refusal(String jobId) {
    return Optional.ofNullable(runs.get(jobId)).flatMap(run -> run.refusal);
  }

  /** Changes the limit of a job; it holds at once. */
  Job setSpeed(String jobId, long bytesPerSecond) {
    JobRun run = run(jobId);
    run.setSpeed(bytesPerSecond, world.clock().now());
    Job job =
        world
            .jobs()
            .edit(
                jobId,
                builder -> builder.setSpeedBytesPerSecond(bytesPerSecond),
                transaction -> {});
    if (run.ticking) {
      run.decide();
      tick(run, delay(run));
    }
    return job;
  }

  private JobRun run(String jobId) {
    JobRun run = runs.get(jobId);
    if (run == null) {
      throw new IllegalStateException("job " + jobId + " is not under way");
    }
    return run;
  }

  private void tick(JobRun run, Duration delay) {
    run.ticking = true;
    run.busy = true;
    world
        .clock()
        .schedule(
            delay,
            run.unlessDecided(
                () -> {
                  run.ticking = false;
                  run.earn(world.clock().now());
                  at(run, FaultStep.JOB_RUNNING, () -> copy(run));
                }));
  }

  private Duration delay(JobRun run) {
    Duration wait = run.copy.done() ? round : run.until(Clusters.SIZE_BYTES);
    return wait.compareTo(round) < 0 ? round : wait;
  }

  private void copy(JobRun run) {
    long before = run.copy.offsetBytes();
    while (!run.copy.done() && run.spend(Clusters.SIZE_BYTES)) {
      if (!run.copy.step()) {
        progress(run, before);
        if (policy(run) == JobErrorPolicy.JOB_ERROR_POLICY_REPORT) {
          fail(run, JobFailures.noSpace(run));
          return;
        }
        Runnable again =
            blocked.block(
                run,
                ErrorReason.ERROR_REASON_NO_SPACE,
                "the test host's disk is full: make room and the job goes on",
                () -> copy(run));
        world.clock().schedule(RETRY, again);
        return;
      }
    }
    progress(run, before);
    if (!run.copy.done()) {
      convergence.copied(run);
      tick(run, delay(run));
      return;
    }
    run.busy = false;
    run.rest(world.clock().now());
    if (world.jobs().require(run.id).getState() == JobState.JOB_STATE_RUNNING) {
      copied(run);
    }
  }

  private void copied(JobRun run) {
    if (run.task.twoPhase()) {
      at(run, FaultStep.JOB_READY, () -> ready(run));
    } else {
      advance(run, JobState.JOB_STATE_FINALIZING);
      at(
          run,
          FaultStep.JOB_FINALIZE,
          () -> {
            run.task.apply(run.disk);
            run.switched = true;
            close(run, JobState.JOB_STATE_SUCCEEDED, Optional.empty());
          });
    }
  }

  private void ready(JobRun run) {
    Job job = advance(run, JobState.JOB_STATE_READY);
    convergence.ready(run, job);
    switch (job.getCompletion()) {
      case JOB_COMPLETION_PIVOT -> pivot(run);
      case JOB_COMPLETION_KEEP -> leave(run, JobCompletion.JOB_COMPLETION_KEEP);
      case JOB_COMPLETION_UNSPECIFIED, UNRECOGNIZED -> {
        if (!run.copy.done()) {
          tick(run, round);
        }
      }
    }
  }

  private void mirror(JobRun run, long cluster, int value, boolean synchronous) {
    if (synchronous) {
      run.copy.writeThrough(cluster, value);
    } else {
      run.copy.dirty(cluster);
    }
    boolean idle = !run.busy && !run.copy.done();
    if (idle && world.jobs().require(run.id).getState() == JobState.JOB_STATE_READY) {
      run.rest(world.clock().now());
      tick(run, round);
    }
  }

  private void pivot(JobRun run) {
    run.decide();
    world
        .jobs()
        .advance(
            run.id,
            JobState.JOB_STATE_PIVOTING,
            builder -> builder.setCompletion(JobCompletion.JOB_COMPLETION_PIVOT),
            transaction -> {});
    at(
        run,
        FaultStep.JOB_PIVOT,
        () -> {
          if (!run.copy.drain()) {
            fail(run, JobFailures.noSpace(run));
            return;
          }
          switchOver(run);
          finish(run);
        });
  }

  /** Puts the disk of a drained job on the new chain. */
  void switchOver(JobRun run) {
    run.disk.silence();
    run.task.apply(run.disk);
    run.switched = true;
    advance(run, JobState.JOB_STATE_FINALIZING);
  }

  /** Ends a job whose disk is on the new chain. */
  void finish(JobRun run) {
    at(
        run,
        FaultStep.JOB_FINALIZE,
        () -> close(run, JobState.JOB_STATE_SUCCEEDED, Optional.empty()));
  }

  /** Ends a drained job without the switch. */
  void keepAsItIs(JobRun run) {
    run.disk.silence();
    at(run, FaultStep.JOB_CANCEL, () -> close(run, JobState.JOB_STATE_SUCCEEDED, Optional.empty()));
  }

  /** Lets a job that is READY again mirror what the guest writes, as before. */
  void goOn(JobRun run) {
    run.busy = false;
    if (!run.copy.done()) {
      run.rest(world.clock().now());
      tick(run, round);
    }
  }

  private void leave(JobRun run, JobCompletion completion) {
    run.decide();
    boolean ready = world.jobs().require(run.id).getState() == JobState.JOB_STATE_READY;
    boolean kept = completion == JobCompletion.JOB_COMPLETION_KEEP;
    boolean whole = !ready || run.copy.drain();
    run.disk.silence();
    world
        .jobs()
        .advance(
            run.id,
            JobState.JOB_STATE_CANCELLING,
            builder -> builder.setCompletion(completion),
            transaction -> {});
    at(
        run,
        FaultStep.JOB_CANCEL,
        () -> {
          if (!whole) {
            fail(run, JobFailures.noSpace(run));
          } else if (kept) {
            close(run, JobState.JOB_STATE_SUCCEEDED, Optional.empty());
          } else {
            close(
                run,
                JobState.JOB_STATE_CANCELLED,
                Optional.of(JobFailures.cancelled(run, "by a caller")));
          }
        });
  }

  /** Goes on with {@code next} as the fault of the step, if there is one, lets it. */
  private void at(JobRun run, FaultStep step, Runnable next) {
    Optional<Fault> struck = world.faults().atStep(step.id());
    if (struck.isEmpty()) {
      next.run();
      return;
    }
    Runnable later = run.unlessDecided(next);
    Runnable rested =
        () -> {
          run.rest(world.clock().now());
          later.run();
        };
    switch (struck.get().kind()) {
      case FAULT_KIND_ERROR -> {
        boolean copies = step == FaultStep.JOB_RUNNING || step == FaultStep.JOB_READY;
        if (copies && policy(run) == JobErrorPolicy.JOB_ERROR_POLICY_STOP) {
          var _ =
              blocked.block(
                  run,
                  ErrorReason.ERROR_REASON_JOB_IO_ERROR,
                  "an injected I/O error at step '%s': resume the job, or cancel it"
                      .formatted(step.id()),
                  () -> at(run, step, next));
        } else {
          fail(run, JobFailures.injected(run, step));
        }
      }
      case FAULT_KIND_DELAY -> world.clock().schedule(struck.get().delay(), rested);
      case FAULT_KIND_HANG -> world.faults().park(rested);
      case FAULT_KIND_DISK_FULL -> {
        if (policy(run) == JobErrorPolicy.JOB_ERROR_POLICY_REPORT && !run.switched) {
          fail(run, JobFailures.noSpace(run));
        } else {
          full(run, step, next);
        }
      }
      case FAULT_KIND_HYPERVISOR_CRASH -> crash(run);
      case FAULT_KIND_DROP_EVENT, FAULT_KIND_REPEAT_EVENT, FAULT_KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalStateException(struck.get().kind() + " cannot strike a job");
    }
  }

  /** Blocks a job until the faults are cleared; whoever resumes it before finds no room either. */
  private void full(JobRun run, FaultStep step, Runnable next) {
    long cleared = world.faults().cleared();
    Runnable attempt =
        blocked.block(
            run,
            ErrorReason.ERROR_REASON_NO_SPACE,
            "the test host's disk is full: injected fault at step '%s'".formatted(step.id()),
            () -> {
              if (world.faults().cleared() == cleared) {
                full(run, step, next);
              } else {
                next.run();
              }
            });
    world.faults().park(attempt);
  }

  private JobErrorPolicy policy(JobRun run) {
    return world.jobs().require(run.id).getRequest().getOnError();
  }

  /** Lets the hypervisor of a job crash. */
  void crash(JobRun run) {
    if (run.machine.isPresent()) {
      machines.end(run.machine.get(), EndCause.CRASHED);
    } else {
      lost(run, EndCause.CRASHED);
    }
  }

  /** Ends the jobs of a guest that ends: what was switched stays switched (F3). */
  private void ending(Machine machine, EndCause cause) {
    List<JobRun> affected =
        runs.values().stream()
            .filter(run -> run.machine.filter(machine::equals).isPresent())
            .toList();
    affected.forEach(run -> lost(run, cause));
  }

  private void lost(JobRun run, EndCause cause) {
    run.decide();
    run.brokenOff = true;
    run.disk.silence();
    if (run.switched) {
      close(run, JobState.JOB_STATE_SUCCEEDED, Optional.empty());
    } else if (cause == EndCause.CRASHED) {
      close(run, JobState.JOB_STATE_FAILED, Optional.of(JobFailures.lost(run)));
    } else {
      close(
          run,
          JobState.JOB_STATE_CANCELLED,
          Optional.of(JobFailures.cancelled(run, "because its domain stopped")));
    }
  }

  private void fail(JobRun run, DriverException error) {
    run.decide();
    run.brokenOff = true;
    run.disk.silence();
    close(run, JobState.JOB_STATE_FAILED, Optional.of(error));
  }

  private void close(JobRun run, JobState state, Optional<DriverException> error) {
    run.decide();
    runs.remove(run.id);
    blocked.forget(run);
    convergence.letGo(run);
    closing.close(run, state, error);
  }

  private Job advance(JobRun run, JobState next) {
    return world.jobs().advance(run.id, next, builder -> {}, transaction -> {});
  }

  private void progress(JobRun run, long before) {
    long offset = run.copy.offsetBytes();
    long total = run.copy.totalBytes();
    long rate = offset > before ? run.rate() : 0;
    JobProgress.Builder progress =
        JobProgress.newBuilder()
            .setOffsetBytes(offset)
            .setTotalBytes(total)
            .setRateBytesPerSecond(rate)
            .setObservedTime(ProtoTimes.timestamp(world.time().instant()));
    if (rate > 0) {
      progress.setRemainingMilliseconds(
          (long) Math.ceil((total - offset) * MILLIS_PER_SECOND / rate));
    }
    world.jobs().observe(run.id, builder -> builder.setProgress(progress));
  }
}
