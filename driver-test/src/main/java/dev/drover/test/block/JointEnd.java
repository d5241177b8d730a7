package dev.drover.test.block;

import dev.drover.spi.job.JobBook;
import dev.drover.test.fault.Fault;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.World;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The end of READY jobs at one moment, with the guest held in virtual time (D15). A fault of the
 * step {@code job.group} strikes while the guest is held and nothing is decided. Under the {@link
 * dev.drover.test.clock.WorldLock}.
 */
final class JointEnd {

  private final World world;
  private final JobEngine engine;
  private final List<JobRun> runs;
  private final JobCompletion completion;
  private final Duration since;

  private JointEnd(
      World world, JobEngine engine, List<JobRun> runs, JobCompletion completion, Duration since) {
    this.world = world;
    this.engine = engine;
    this.runs = List.copyOf(runs);
    this.completion = completion;
    this.since = since;
  }

  /** Orders the end of jobs that are all READY, and brings it about as faults let it. */
  static void begin(World world, JobEngine engine, List<JobRun> runs, JobCompletion completion) {
    new JointEnd(world, engine, runs, completion, world.clock().now()).order();
  }

  private void order() {
    runs.forEach(JobRun::decide);
    JobState next =
        completion == JobCompletion.JOB_COMPLETION_PIVOT
            ? JobState.JOB_STATE_PIVOTING
            : JobState.JOB_STATE_CANCELLING;
    advance(next, completion);
    Runnable decide = unlessDecided(this::decide);
    Optional<Fault> struck = world.faults().atStep(FaultStep.JOB_GROUP.id());
    if (struck.isEmpty()) {
      decide.run();
      return;
    }
    switch (struck.get().kind()) {
      case FAULT_KIND_ERROR -> giveUp();
      case FAULT_KIND_DELAY -> world.clock().schedule(struck.get().delay(), decide);
      case FAULT_KIND_HANG -> world.faults().park(decide);
      case FAULT_KIND_HYPERVISOR_CRASH -> engine.crash(runs.getFirst());
      case FAULT_KIND_DISK_FULL,
          FAULT_KIND_DROP_EVENT,
          FAULT_KIND_REPEAT_EVENT,
          FAULT_KIND_UNSPECIFIED,
          UNRECOGNIZED ->
          throw new IllegalStateException(struck.get().kind() + " cannot strike a group");
    }
  }

  /** A guest that ended meanwhile has ended the jobs too. */
  private Runnable unlessDecided(Runnable work) {
    return runs.getFirst().unlessDecided(work);
  }

  private void decide() {
    boolean whole = runs.stream().allMatch(run -> run.copy.drain());
    if (!whole) {
      giveUp();
      return;
    }
    for (JobRun run : runs) {
      if (run.machine.filter(machine -> !machine.paused()).isPresent()) {
        run.guestPause =
            Optional.of(
                run.guestPause.orElse(Duration.ZERO).plus(world.clock().now().minus(since)));
      }
    }
    if (completion == JobCompletion.JOB_COMPLETION_PIVOT) {
      runs.forEach(engine::switchOver);
      runs.forEach(engine::finish);
    } else {
      runs.forEach(engine::keepAsItIs);
    }
  }

  /** Nothing was decided: all are READY as before, and go on mirroring. */
  private void giveUp() {
    advance(JobState.JOB_STATE_READY, JobCompletion.JOB_COMPLETION_UNSPECIFIED);
    runs.forEach(engine::goOn);
  }

  private void advance(JobState next, JobCompletion recorded) {
    var _ =
        world
            .jobs()
            .advanceAll(
                runs.stream()
                    .map(
                        run ->
                            new JobBook.Advance(
                                run.id, next, builder -> builder.setCompletion(recorded)))
                    .toList(),
                transaction -> {});
  }
}
