package dev.drover.test.snapshot;

import dev.drover.spi.CallContext;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskSources;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.ErrorStatus;
import dev.drover.spi.job.JobOrigin;
import dev.drover.spi.snapshot.RestoredMoment;
import dev.drover.spi.snapshot.RevertFailures;
import dev.drover.spi.snapshot.RevertPlan;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.snapshot.SnapshotKinds;
import dev.drover.test.block.WholeDomainJobs;
import dev.drover.test.domain.DomainStart;
import dev.drover.test.fault.FaultGate;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.fault.JobGate;
import dev.drover.test.hypervisor.Beginning;
import dev.drover.test.hypervisor.EndCause;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.ImageHeader;
import dev.drover.v1.ChainImage;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.RevertState;
import dev.drover.v1.SnapshotMemory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Carries out reverts in virtual time. Overlays are made first, while the domain may still run;
 * once they are complete it only goes forward: the guest is ended, definition and records move in
 * one step, and the domain is started where that was asked for. A guest that crashes meanwhile
 * stops nothing. Under the {@link dev.drover.test.clock.WorldLock}.
 */
public final class SnapshotReverts implements WholeDomainJobs {

  private final World world;
  private final Machines machines;
  private final DomainStart starts;
  private final JobGate gate;
  private final MemoryFiles memories;
  private final Map<String, RevertRun> runs = new HashMap<>();

  /** Carries out reverts of a world without any under way. */
  public SnapshotReverts(World world, Machines machines) {
    this.world = world;
    this.machines = machines;
    this.starts = new DomainStart(world, machines);
    this.gate = new JobGate(world.clock(), world.faults());
    this.memories = new MemoryFiles(world);
  }

  /**
   * Records a revert as a job and plans its first step.
   *
   * @param lane the domain's lane, which is left at the job's end; it stays the caller's where this
   *     fails
   * @throws DriverException where a fault strikes at the start; nothing is recorded then
   */
  Job begin(CallContext call, JobOrigin origin, RevertPlan plan, DomainLanes.Pass lane) {
    Job job = world.jobs().begin(origin, plan.job(), _ -> {});
    boolean begun = false;
    try {
      if (world.gate().pass(call, FaultStep.JOB_START.id()) == FaultGate.Passage.CRASH) {
        crash(plan.domainUuid());
      }
      begun = true;
    } finally {
      if (!begun) {
        world.jobs().discard(job.getId(), _ -> {});
      }
    }
    RevertRun run = new RevertRun(job.getId(), plan, lane);
    runs.put(run.jobId, run);
    Job running = advance(run, JobState.JOB_STATE_RUNNING);
    // Until the first overlay the job can be cancelled without a trace.
    world.clock().schedule(world.pace().round(), run.unlessDecided(() -> prepare(run)));
    return running;
  }

  @Override
  public void cancel(String jobId) {
    RevertRun run = runs.get(jobId);
    if (run == null) {
      throw new IllegalStateException("revert " + jobId + " is not under way");
    }
    run.decide();
    advance(run, JobState.JOB_STATE_CANCELLING);
    at(
        run,
        FaultStep.JOB_CANCEL,
        () ->
            back(
                run,
                JobState.JOB_STATE_CANCELLED,
                RevertFailures.cancelled(jobId, run.plan.snapshot())));
  }

  /** Makes the next overlay, until all are there. */
  private void prepare(RevertRun run) {
    if (run.made.size() == run.plan.parts().size()) {
      at(run, FaultStep.REVERT_PREPARED, () -> decide(run));
      return;
    }
    at(
        run,
        FaultStep.IMAGE_CREATE,
        () -> {
          try {
            run.made.add(make(run.plan, run.plan.parts().get(run.made.size())));
          } catch (DriverException e) {
            fail(run, e);
            return;
          }
          prepare(run);
        });
  }

  /** Time has passed since the plan: the world is looked at again. */
  private BlockImage make(RevertPlan plan, RevertPlan.Part part) {
    Image frozen = Chain.source(part.frozen());
    List<BlockImage> moment = world.images().open(frozen.getPath(), frozen.getFormat());
    world.disks().requireUnwritten(plan.domainUuid(), moment.getFirst());
    return world
        .images()
        .create(
            part.overlay().getPath(),
            part.overlay().getFormat(),
            moment.getFirst().virtualSizeBytes(),
            ImageHeader.backing(frozen.getPath(), frozen.getFormat()));
  }

  /** From here on a cancel comes too late. */
  private void decide(RevertRun run) {
    advance(run, JobState.JOB_STATE_FINALIZING);
    at(run, FaultStep.JOB_FINALIZE, () -> forward(run));
  }

  private void forward(RevertRun run) {
    Optional<ChainImage> missing = incomplete(run);
    if (missing.isPresent()) {
      fail(
          run,
          RevertFailures.interrupted(
              run.jobId,
              run.plan.snapshot(),
              "overlay '%s' is not as it was made".formatted(missing.get().getPath())));
      return;
    }
    if (!stillInside(run.plan)) {
      fail(
          run,
          RevertFailures.interrupted(
              run.jobId, run.plan.snapshot(), "an image does not keep the moment any more"));
      return;
    }
    if (run.plan.moment().isPresent() && memory(run.plan).isEmpty()) {
      fail(
          run,
          RevertFailures.interrupted(
              run.jobId, run.plan.snapshot(), "the file with its memory is not there any more"));
      return;
    }
    machines
        .find(run.plan.domainUuid())
        .ifPresent(machine -> machines.end(machine, EndCause.DESTROYED));
    move(run);
    at(run, FaultStep.REVERT_MOVED, () -> start(run));
  }

  private boolean stillInside(RevertPlan plan) {
    String tag = SnapshotKinds.tag(plan.snapshot());
    return plan.inside().stream()
        .allMatch(
            disk ->
                world.images().find(disk.image().getPath()).filter(i -> i.keeps(tag)).isPresent());
  }

  /** The memory from which the guest goes on, in a file or inside an image. */
  private OptionalLong memory(RevertPlan plan) {
    SnapshotMemory held =
        plan.moment().map(RestoredMoment::memory).orElse(SnapshotMemory.getDefaultInstance());
    if (!held.getPath().isEmpty()) {
      return memories.read(held);
    }
    return plan.inside().stream()
        .filter(disk -> disk.target().equals(held.getDisk()))
        .flatMap(disk -> world.images().find(disk.image().getPath()).stream())
        .findFirst()
        .map(image -> image.memory(SnapshotKinds.tag(plan.snapshot())))
        .orElse(OptionalLong.empty());
  }

  /** An overlay that somebody took away or changed, which must not become the domain's disk. */
  private Optional<ChainImage> incomplete(RevertRun run) {
    for (int i = 0; i < run.made.size(); i++) {
      ChainImage overlay = run.plan.parts().get(i).overlay();
      BlockImage made = run.made.get(i);
      boolean whole =
          world.images().find(overlay.getPath()).filter(found -> found == made).isPresent()
              && made.header().reference().equals(overlay.getBackingReference());
      if (!whole) {
        return Optional.of(overlay);
      }
    }
    return Optional.empty();
  }

  /** Moves definition and records in one step (R8). */
  private void move(RevertRun run) {
    RevertPlan plan = run.plan;
    for (RevertPlan.Inside disk : plan.inside()) {
      world
          .images()
          .find(disk.image().getPath())
          .ifPresent(image -> image.goBack(SnapshotKinds.tag(plan.snapshot())));
    }
    Map<String, Image> overlays = new HashMap<>();
    plan.parts().forEach(part -> overlays.put(part.target(), Chain.source(part.overlay())));
    List<String> left =
        DiskSources.paths(world.domains().require(plan.domainUuid()).getSpec(), overlays.keySet());
    List<SnapshotBook.Change> changes = new ArrayList<>();
    world
        .domains()
        .change(
            plan.domainUuid(),
            domain -> {
              DomainSpec moved = DiskSources.replaced(domain.getSpec(), overlays);
              domain.setSpec(moved);
            },
            transaction -> {
              world.snapshots().owned().leave(transaction, plan.domainUuid(), left);
              changes.add(
                  world.snapshots().makeCurrent(transaction, plan.domainUuid(), plan.snapshot()));
              for (int i = 0; i < run.made.size(); i++) {
                world
                    .snapshots()
                    .owned()
                    .add(
                        transaction,
                        TestDeletionWork.owned(
                            plan.domainUuid(), plan.parts().get(i).target(), run.made.get(i)));
              }
            });
    changes.forEach(world.snapshots()::settle);
  }

  private void start(RevertRun run) {
    switch (run.plan.target()) {
      case REVERT_STATE_RUNNING, REVERT_STATE_PAUSED ->
          starts.inJob(run.jobId, beginning(run.plan), failure -> finish(run, failure));
      case REVERT_STATE_SHUT_OFF, REVERT_STATE_UNSPECIFIED, UNRECOGNIZED ->
          finish(run, Optional.empty());
    }
  }

  /**
   * Where the memory is gone since it was looked at, the guest starts anew as after a power cut.
   */
  private Beginning beginning(RevertPlan plan) {
    boolean paused = plan.target() == RevertState.REVERT_STATE_PAUSED;
    return plan.moment()
        .map(moment -> new Beginning(moment.spec(), memory(plan).orElse(Beginning.EMPTY), paused))
        .orElseGet(
            () -> Beginning.anew(world.domains().require(plan.domainUuid()).getSpec(), paused));
  }

  private void finish(RevertRun run, Optional<DriverException> failure) {
    end(
        run,
        failure.isPresent() ? JobState.JOB_STATE_FAILED : JobState.JOB_STATE_SUCCEEDED,
        failure.map(
            why -> RevertFailures.notStarted(run.plan.domainName(), run.plan.snapshot(), why)));
  }

  private void fail(RevertRun run, DriverException why) {
    back(run, JobState.JOB_STATE_FAILED, why);
  }

  /** Takes back what was made; the domain is as it was. */
  private void back(RevertRun run, JobState state, DriverException why) {
    run.made.forEach(world.images()::delete);
    end(run, state, Optional.of(why));
  }

  private void end(RevertRun run, JobState state, Optional<DriverException> error) {
    run.decide();
    runs.remove(run.jobId);
    world
        .jobs()
        .advance(
            run.jobId,
            state,
            job -> error.map(ErrorStatus::status).ifPresent(job::setError),
            _ -> {});
    run.leave();
  }

  /** Goes on with {@code next} as the fault of the step, if there is one, lets it. */
  private void at(RevertRun run, FaultStep step, Runnable next) {
    Runnable later = run.unlessDecided(next);
    gate.pass(
        run.jobId,
        step,
        new JobGate.Step() {
          @Override
          public void proceed() {
            later.run();
          }

          @Override
          public void crash() {
            SnapshotReverts.this.crash(run.plan.domainUuid());
            later.run();
          }

          @Override
          public void fail(DriverException failure) {
            SnapshotReverts.this.fail(run, failure);
          }
        });
  }

  private void crash(String uuid) {
    machines.find(uuid).ifPresent(machine -> machines.end(machine, EndCause.CRASHED));
  }

  private Job advance(RevertRun run, JobState next) {
    return world.jobs().advance(run.jobId, next, _ -> {}, _ -> {});
  }
}
