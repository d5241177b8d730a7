package dev.drover.test.block;

import dev.drover.spi.DurationWords;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.test.fault.Fault;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.World;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The end of READY jobs at one moment, with the guest held in virtual time (D15). A fault of the
 * step {@code job.group} strikes while the guest is held and nothing is decided, one of {@code
 * agent.freeze} before that, when the file systems are to be frozen (D14). Under the {@link
 * dev.drover.test.clock.WorldLock}.
 */
final class JointEnd {

  private final World world;
  private final JobEngine engine;
  private final List<JobRun> runs;
  private final JobCompletion completion;
  private final Duration quiesce;
  private Duration since;

  private JointEnd(
      World world,
      JobEngine engine,
      List<JobRun> runs,
      JobCompletion completion,
      Duration quiesce) {
    this.world = world;
    this.engine = engine;
    this.runs = List.copyOf(runs);
    this.completion = completion;
    this.quiesce = quiesce;
    this.since = world.clock().now();
  }

  /** Orders the end of jobs that are all READY, and brings it about as faults let it. */
  static void begin(
      World world,
      JobEngine engine,
      List<JobRun> runs,
      JobCompletion completion,
      Duration quiesce) {
    new JointEnd(world, engine, runs, completion, quiesce).order();
  }

  private void order() {
    if (!quiesce.isZero()) {
      requireAgent();
    }
    runs.forEach(JobRun::decide);
    runs.forEach(run -> run.refusal = Optional.empty());
    JobState next =
        completion == JobCompletion.JOB_COMPLETION_PIVOT
            ? JobState.JOB_STATE_PIVOTING
            : JobState.JOB_STATE_CANCELLING;
    advance(next, completion);
    if (quiesce.isZero()) {
      hold();
    } else {
      freeze();
    }
  }

  private void requireAgent() {
    JobRun first = runs.getFirst();
    boolean answers =
        first.machine.filter(machine -> machine.agent() && !machine.paused()).isPresent();
    if (!answers) {
      String domain = world.jobs().require(first.id).getDomainName();
      throw DriverException.of(
          ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE,
          "domain '%s' has no guest that runs with an agent; define it with guest_agent and start it"
              .formatted(domain),
          "domain",
          domain);
    }
  }

  private void freeze() {
    Runnable frozen =
        unlessDecided(
            () -> {
              runs.forEach(JobRun::decide);
              runs.forEach(run -> run.quiesced = true);
              hold();
            });
    Optional<Fault> struck = world.faults().atStep(FaultStep.AGENT_FREEZE.id());
    if (struck.isEmpty()) {
      frozen.run();
      return;
    }
    switch (struck.get().kind()) {
      case FAULT_KIND_ERROR -> agentFailed("it refused");
      case FAULT_KIND_DELAY, FAULT_KIND_HANG -> {
        if (struck.get().kind() == FaultKind.FAULT_KIND_DELAY) {
          world.clock().schedule(struck.get().delay(), frozen);
        }
        world
            .clock()
            .schedule(
                quiesce,
                unlessDecided(
                    () -> agentFailed("no answer within %s".formatted(DurationWords.of(quiesce)))));
      }
      case FAULT_KIND_HYPERVISOR_CRASH,
          FAULT_KIND_DISK_FULL,
          FAULT_KIND_DROP_EVENT,
          FAULT_KIND_REPEAT_EVENT,
          FAULT_KIND_UNSPECIFIED,
          UNRECOGNIZED ->
          throw new IllegalStateException(struck.get().kind() + " cannot strike an agent");
    }
  }

  private void agentFailed(String how) {
    runs.forEach(JobRun::decide);
    String domain = world.jobs().require(runs.getFirst().id).getDomainName();
    DriverException failure =
        DriverException.of(
            ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED,
            "the agent of domain '%s' did not freeze the file systems: %s; try again, or go on without quiesce"
                .formatted(domain, how),
            "domain",
            domain,
            "command",
            "freeze");
    runs.forEach(run -> run.refusal = Optional.of(failure));
    giveUp();
  }

  private void hold() {
    since = world.clock().now();
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
    runs.forEach(run -> run.quiesced = false);
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
