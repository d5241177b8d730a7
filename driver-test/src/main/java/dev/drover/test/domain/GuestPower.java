package dev.drover.test.domain;

import dev.drover.test.fault.Fault;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.EndCause;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.PowerRequest;
import dev.drover.test.hypervisor.World;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.PowerAction;
import java.time.Duration;
import java.util.Optional;

/**
 * How guests answer to being asked to power off or to reboot: they obey after half a second of
 * virtual time in which their processors ran. Under the {@link dev.drover.test.clock.WorldLock}.
 */
final class GuestPower {

  /** Virtual time a guest takes to obey. */
  static final Duration OBEDIENCE = Duration.ofMillis(500);

  private final World world;
  private final Machines machines;

  GuestPower(World world, Machines machines) {
    this.world = world;
    this.machines = machines;
  }

  /** Asks the guest. */
  void ask(Machine machine, PowerRequest request) {
    machine.ask(request);
    if (!machine.paused()) {
      begin(machine);
    }
  }

  /** Holds the processors; what the guest was asked for waits. */
  void suspend(Machine machine) {
    machine.setPaused(true);
    machine.ask(machine.request());
  }

  /** Lets the processors run; the guest goes on with what it was asked for. */
  void resume(Machine machine) {
    machine.setPaused(false);
    begin(machine);
  }

  /** The guest starts anew and has forgotten what it was asked for. */
  void restart(Machine machine) {
    machine.ask(PowerRequest.NONE);
    machine.forget();
    world
        .domains()
        .observe(
            machine.uuid(),
            EventKind.EVENT_KIND_DOMAIN_REBOOTED,
            status -> {
              if (status.getState() == DomainState.DOMAIN_STATE_IN_SHUTDOWN) {
                status
                    .setState(DomainState.DOMAIN_STATE_RUNNING)
                    .setReason(DomainStateReason.DOMAIN_STATE_REASON_BOOTED);
              }
            });
  }

  private void begin(Machine machine) {
    if (machine.request() == PowerRequest.NONE) {
      return;
    }
    long request = machine.lastRequest();
    world.clock().schedule(OBEDIENCE, () -> answer(machine, request));
  }

  private void answer(Machine machine, long request) {
    if (!current(machine, request)) {
      return;
    }
    Optional<Fault> struck = world.faults().atStep(FaultStep.DOMAIN_SHUTDOWN.id());
    if (struck.isEmpty()) {
      obey(machine);
      return;
    }
    Runnable later =
        () -> {
          if (current(machine, request)) {
            obey(machine);
          }
        };
    switch (struck.get().kind()) {
      case FAULT_KIND_DELAY -> world.clock().schedule(struck.get().delay(), later);
      case FAULT_KIND_HANG -> world.faults().park(later);
      case FAULT_KIND_HYPERVISOR_CRASH -> machines.end(machine, EndCause.CRASHED);
      case FAULT_KIND_ERROR,
          FAULT_KIND_DISK_FULL,
          FAULT_KIND_DROP_EVENT,
          FAULT_KIND_REPEAT_EVENT,
          FAULT_KIND_UNSPECIFIED,
          UNRECOGNIZED ->
          throw new IllegalStateException(struck.get().kind() + " cannot strike a guest");
    }
  }

  private boolean current(Machine machine, long request) {
    return machines.alive(machine) && machine.lastRequest() == request && !machine.paused();
  }

  private void obey(Machine machine) {
    boolean restarts =
        switch (machine.request()) {
          case NONE -> throw new IllegalStateException("the guest was not asked for anything");
          case SHUTDOWN -> machine.actions().getOnPoweroff() == PowerAction.POWER_ACTION_RESTART;
          case REBOOT -> machine.actions().getOnReboot() != PowerAction.POWER_ACTION_DESTROY;
        };
    if (restarts) {
      restart(machine);
    } else {
      machines.end(machine, EndCause.POWERED_OFF);
    }
  }
}
