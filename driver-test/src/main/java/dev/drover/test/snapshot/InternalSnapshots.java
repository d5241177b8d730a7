package dev.drover.test.snapshot;

import dev.drover.spi.CallContext;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.snapshot.InternalPlan;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.test.fault.FaultGate;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.EndCause;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Makes internal snapshots: every image keeps what it holds, at one moment, or none does (G1, G11).
 * Faults strike before the moment, so that nothing is ever to be taken back. Under the {@link
 * dev.drover.test.clock.WorldLock}.
 */
final class InternalSnapshots {

  private final World world;
  private final Machines machines;

  InternalSnapshots(World world, Machines machines) {
    this.world = world;
    this.machines = machines;
  }

  /**
   * A snapshot that could be made.
   *
   * @param plan its images
   * @param machine the guest; empty: the domain is shut off
   * @param freeze what its agent is asked for
   * @param snapshot the record, without its place among the others
   */
  record Draft(
      InternalPlan plan, Optional<Machine> machine, AgentFreeze freeze, Snapshot snapshot) {}

  /** Checks everything and changes nothing. */
  Draft plan(
      Domain domain,
      DomainSpec now,
      String name,
      Optional<Machine> machine,
      CreateSnapshotRequest request) {
    AgentFreeze freeze = AgentFreeze.of(world, machine, now.getName(), request);
    InternalPlan plan =
        InternalPlan.of(domain, now, name, request, new WorldFiles(world, now.getName(), machine));
    requireUnwritten(plan);
    Snapshot record = plan.record(request, domain.getStatus().getState(), world.time().instant());
    return new Draft(plan, machine, freeze, freeze.reached(record));
  }

  /** Makes it. */
  CreateSnapshotResponse make(CallContext call, Draft draft) {
    InternalPlan plan = draft.plan();
    String name = plan.spec().getName();
    // Nobody else holds it: no job works on the domain, and its lane is this call's.
    Optional<Machine> held = plan.memory() ? draft.machine() : Optional.empty();
    held.ifPresent(guest -> guest.setHeld(true));
    Duration before = world.clock().now();
    try {
      if (plan.memory()) {
        pass(call, FaultStep.SNAPSHOT_MEMORY.id(), draft.machine(), name);
      }
      for (int nth = 1; nth <= plan.parts().size(); nth++) {
        pass(call, FaultStep.SNAPSHOT_DISK.id(nth), draft.machine(), name);
      }
      draft.freeze().ask(call);
      draft.machine().ifPresent(guest -> TestSnapshots.requireAlive(machines, guest, name));
      requireUnwritten(plan);
      OptionalLong memory =
          held.map(guest -> OptionalLong.of(guest.memory())).orElse(OptionalLong.empty());
      Snapshot entered = enter(sized(draft.snapshot()));
      for (InternalPlan.Part part : plan.parts()) {
        boolean keepsMemory = part.equals(plan.parts().getFirst());
        image(part).keep(plan.tag(), keepsMemory ? memory : OptionalLong.empty());
      }
      CreateSnapshotResponse.Builder answer =
          CreateSnapshotResponse.newBuilder().setSnapshot(entered);
      if (held.filter(guest -> !guest.paused()).isPresent()) {
        answer.setGuestPause(ProtoTimes.duration(world.clock().now().minus(before)));
      }
      return answer.build();
    } finally {
      held.ifPresent(guest -> guest.setHeld(false));
    }
  }

  private void pass(CallContext call, String step, Optional<Machine> machine, String name) {
    boolean crash = world.gate().pass(call, step) == FaultGate.Passage.CRASH;
    if (crash) {
      machine.ifPresent(guest -> machines.end(guest, EndCause.CRASHED));
    }
    machine.ifPresent(guest -> TestSnapshots.requireAlive(machines, guest, name));
  }

  private BlockImage image(InternalPlan.Part part) {
    return world.images().open(part.image().getPath(), part.image().getFormat()).getFirst();
  }

  /** What is written to by another domain holds no moment of this one. */
  private void requireUnwritten(InternalPlan plan) {
    for (InternalPlan.Part part : plan.parts()) {
      world.disks().requireUnwritten(plan.spec().getUuid(), image(part));
    }
  }

  private static Snapshot sized(Snapshot draft) {
    if (!draft.hasMemory()) {
      return draft;
    }
    Snapshot.Builder sized = draft.toBuilder();
    sized.getMemoryBuilder().setSizeBytes(MemoryFiles.SIZE_BYTES);
    return sized.build();
  }

  private Snapshot enter(Snapshot draft) {
    List<SnapshotBook.Change> changes = new ArrayList<>();
    world
        .domains()
        .change(
            draft.getDomainUuid(),
            domain ->
                domain
                    .getStatusBuilder()
                    .setSnapshotCount(domain.getStatus().getSnapshotCount() + 1),
            transaction -> changes.add(world.snapshots().add(transaction, draft)));
    changes.forEach(world.snapshots()::settle);
    return changes.stream()
        .flatMap(change -> change.created().stream())
        .filter(made -> Objects.equals(made.getName(), draft.getName()))
        .findFirst()
        .orElse(draft);
  }
}
