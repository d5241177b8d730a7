package dev.drover.test.hypervisor;

import dev.drover.spi.snapshot.SnapshotUndefine;
import dev.drover.v1.Acceleration;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.EventKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The guests that run, and how a domain's status follows their beginning and end. Guarded by the
 * {@link dev.drover.test.clock.WorldLock}.
 */
public final class Machines {

  private final World world;
  private final Map<String, Machine> byUuid = new HashMap<>();
  private final List<MachineListener> listeners = new ArrayList<>();

  /** Makes a host without guests. */
  public Machines(World world) {
    this.world = world;
  }

  /** Has a listener told of each guest's end. */
  public void listen(MachineListener listener) {
    listeners.add(listener);
  }

  /** The guest of a domain, where it runs or is paused. */
  public Optional<Machine> find(String uuid) {
    return Optional.ofNullable(byUuid.get(uuid));
  }

  /** True where this very guest has not ended. */
  public boolean alive(Machine machine) {
    return byUuid.get(machine.uuid()) == machine;
  }

  /** Lets a guest begin, with its disks open already. */
  public Domain start(Beginning beginning, List<OpenDisk> disks) {
    DomainSpec spec = beginning.spec();
    byUuid.put(spec.getUuid(), new Machine(beginning, disks));
    return world
        .domains()
        .started(
            spec,
            beginning.paused(),
            Acceleration.ACCELERATION_TCG,
            "the test driver executes no guest code");
  }

  /** Ends a guest: its jobs first, then its disks, then the domain's status. */
  public Domain end(Machine machine, EndCause cause) {
    for (MachineListener listener : listeners) {
      listener.ending(machine, cause);
    }
    byUuid.remove(machine.uuid());
    machine.disks().forEach(world.disks()::close);
    Domain ended =
        world
            .domains()
            .ended(machine.uuid(), event(cause), state(cause), reason(cause), detail(cause));
    if (!ended.getStatus().getPersistent()) {
      forget(machine.uuid());
    }
    return ended;
  }

  private void forget(String uuid) {
    new SnapshotUndefine(world.domains(), world.snapshots()).ended(uuid);
    world.domains().remove(uuid);
    world.lanes().forget(uuid);
  }

  private static DomainState state(EndCause cause) {
    return cause == EndCause.CRASHED
        ? DomainState.DOMAIN_STATE_CRASHED
        : DomainState.DOMAIN_STATE_SHUT_OFF;
  }

  private static String detail(EndCause cause) {
    return cause == EndCause.CRASHED ? "the hypervisor crashed: injected fault" : "";
  }

  private static DomainStateReason reason(EndCause cause) {
    return switch (cause) {
      case POWERED_OFF -> DomainStateReason.DOMAIN_STATE_REASON_SHUTDOWN;
      case DESTROYED -> DomainStateReason.DOMAIN_STATE_REASON_DESTROYED;
      case CRASHED -> DomainStateReason.DOMAIN_STATE_REASON_CRASHED;
    };
  }

  private static EventKind event(EndCause cause) {
    return cause == EndCause.CRASHED
        ? EventKind.EVENT_KIND_DOMAIN_CRASHED
        : EventKind.EVENT_KIND_DOMAIN_STOPPED;
  }
}
