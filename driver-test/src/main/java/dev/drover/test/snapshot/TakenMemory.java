package dev.drover.test.snapshot;

import com.google.protobuf.Duration;
import dev.drover.spi.CallContext;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.activity.Work;
import dev.drover.test.fault.FaultGate;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.EndCause;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.v1.SnapshotMemory;
import java.util.List;
import java.util.Optional;

/**
 * The memory of a guest as one snapshot takes it, where it does. The guest is held from the
 * beginning, or, where it is to run on meanwhile, from when all that is left is to write it; a
 * fault at the step holds the call, and with it a guest that is held. Closing it lets the guest go
 * on. Under the {@link dev.drover.test.clock.WorldLock}.
 */
final class TakenMemory implements AutoCloseable {

  private final World world;
  private final Machines machines;
  private final Optional<Machine> guest;
  private final Optional<SnapshotMemory> planned;
  private final boolean ran;
  private Optional<java.time.Duration> since = Optional.empty();

  /**
   * Begins; nobody else holds the guest, since no job works on the domain and its lane is the
   * call's.
   *
   * @param planned the file; empty: no memory is taken
   * @param live whether the guest runs on meanwhile
   */
  TakenMemory(
      World world,
      Machines machines,
      Optional<Machine> machine,
      Optional<SnapshotMemory> planned,
      boolean live) {
    this.world = world;
    this.machines = machines;
    this.planned = planned;
    this.guest = planned.flatMap(_ -> machine);
    this.ran = guest.filter(one -> !one.paused()).isPresent();
    if (!live) {
      hold();
    }
  }

  private void hold() {
    guest.ifPresent(one -> one.setHeld(true));
    since = Optional.of(world.clock().now());
  }

  /**
   * Writes the memory, before any disk is prepared.
   *
   * @param name name of the domain, for errors
   * @param made gets the file
   * @return what was taken
   */
  Optional<SnapshotMemory> take(CallContext call, String name, List<BlockImage> made) {
    if (planned.isEmpty() || guest.isEmpty()) {
      return planned;
    }
    Work.Command step = new Work.Command(guest.get().uuid(), name, FaultStep.SNAPSHOT_MEMORY.id());
    if (world.gate().pass(call, step) == FaultGate.Passage.CRASH) {
      machines.end(guest.get(), EndCause.CRASHED);
    }
    TestSnapshots.requireAlive(machines, guest.get(), name);
    if (since.isEmpty()) {
      hold();
    }
    BlockImage file = new MemoryFiles(world).write(planned.get().getPath(), guest.get().memory());
    made.add(file);
    return planned.map(memory -> memory.toBuilder().setSizeBytes(file.virtualSizeBytes()).build());
  }

  /** How long a guest that ran has been held for it until now. */
  Optional<Duration> pause() {
    return ran
        ? since.map(before -> ProtoTimes.duration(world.clock().now().minus(before)))
        : Optional.empty();
  }

  @Override
  public void close() {
    guest.ifPresent(one -> one.setHeld(false));
    world.lock().signal();
  }
}
