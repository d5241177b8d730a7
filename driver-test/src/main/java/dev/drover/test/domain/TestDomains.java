package dev.drover.test.domain;

import dev.drover.spi.CallContext;
import dev.drover.spi.Domains;
import dev.drover.spi.activity.Work;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.domain.DomainSpecDefaults;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobHolds;
import dev.drover.spi.job.JobRules;
import dev.drover.spi.snapshot.SnapshotUndefine;
import dev.drover.test.fault.FaultStep;
import dev.drover.test.hypervisor.EndCause;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.PowerRequest;
import dev.drover.test.hypervisor.World;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.RebootDomainRequest;
import dev.drover.v1.ResetDomainRequest;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.SetDomainAutostartRequest;
import dev.drover.v1.ShutdownDomainRequest;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.SuspendDomainRequest;
import dev.drover.v1.UndefineDomainRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Definition and life of domains. */
public final class TestDomains implements Domains {

  private final World world;
  private final Machines machines;
  private final RandomGenerator random;
  private final SpecSupport support;
  private final SnapshotUndefine snapshots;
  private final DomainStart start;
  private final GuestPower power;

  /**
   * Makes the facet.
   *
   * @param random source of MAC addresses
   */
  public TestDomains(World world, Machines machines, RandomGenerator random) {
    this.world = world;
    this.machines = machines;
    this.random = random;
    this.support = new SpecSupport();
    this.snapshots = new SnapshotUndefine(world.domains(), world.snapshots());
    this.start = new DomainStart(world, machines);
    this.power = new GuestPower(world, machines);
  }

  @Override
  public List<Domain> list() {
    return world.domains().list();
  }

  @Override
  public Domain get(DomainRef domain) {
    return world.domains().require(domain);
  }

  @Override
  public Domain define(CallContext call, DefineDomainRequest request) {
    DomainSpec spec = world.domains().complete(request.getSpec(), random);
    support.check(spec);
    return change(
        call,
        spec.getUuid(),
        spec.getName(),
        "define",
        () -> {
          requireMayPersist(spec.getUuid());
          requireDisksFree(spec);
          return request.getValidateOnly()
              ? world.domains().preview(spec, request.getEtag())
              : snapshots.define(spec, request.getEtag());
        });
  }

  @Override
  public void undefine(CallContext call, UndefineDomainRequest request) {
    change(
        call,
        request.getDomain(),
        "undefine",
        domain -> {
          DomainStates.requirePersistent(domain);
          if (!DomainStates.active(domain)) {
            world.jobs().requireIdle(domain.getSpec().getUuid());
          }
          snapshots.undefine(domain, request);
          return domain;
        });
  }

  @Override
  public Domain create(CallContext call, CreateDomainRequest request) {
    DomainSpec spec = DomainSpecDefaults.complete(request.getSpec(), Optional.empty(), random);
    support.check(spec);
    return change(
        call,
        spec.getUuid(),
        spec.getName(),
        "create",
        () -> {
          requireUnknown(spec);
          world.domains().requireRoom();
          world.snapshots().kept().requireNone(spec);
          return start.unknown(call, spec, request.getPaused(), () -> snapshots.addTransient(spec));
        });
  }

  @Override
  public Domain start(CallContext call, StartDomainRequest request) {
    return change(
        call,
        request.getDomain(),
        "start",
        domain -> start.defined(call, domain.getSpec().getUuid(), request.getPaused()));
  }

  @Override
  public Domain shutdown(CallContext call, ShutdownDomainRequest request) {
    return guest(
        call,
        request.getDomain(),
        "shut down",
        (domain, machine) -> {
          power.ask(machine, PowerRequest.SHUTDOWN);
          return world
              .domains()
              .observe(
                  machine.uuid(),
                  EventKind.EVENT_KIND_DOMAIN_SHUTDOWN,
                  status -> {
                    if (status.getState() == DomainState.DOMAIN_STATE_RUNNING) {
                      status
                          .setState(DomainState.DOMAIN_STATE_IN_SHUTDOWN)
                          .setReason(DomainStateReason.DOMAIN_STATE_REASON_USER);
                    }
                  });
        });
  }

  @Override
  public Domain reboot(CallContext call, RebootDomainRequest request) {
    return guest(
        call,
        request.getDomain(),
        "reboot",
        (domain, machine) -> {
          power.ask(machine, PowerRequest.REBOOT);
          return domain;
        });
  }

  @Override
  public Domain reset(CallContext call, ResetDomainRequest request) {
    return guest(
        call,
        request.getDomain(),
        "reset",
        (domain, machine) -> {
          power.restart(machine);
          return world.domains().require(machine.uuid());
        });
  }

  @Override
  public Domain destroy(CallContext call, DestroyDomainRequest request) {
    return guest(
        call,
        request.getDomain(),
        "destroy",
        (domain, machine) -> {
          world
              .gate()
              .pass(
                  call,
                  new Work.Command(
                      domain.getSpec().getUuid(),
                      domain.getSpec().getName(),
                      FaultStep.DOMAIN_STOP.id()));
          // The guest may have ended by itself while a fault held the call: that is what was
          // wanted.
          return machines.alive(machine)
              ? machines.end(machine, EndCause.DESTROYED)
              : world.domains().find(machine.uuid()).orElse(domain);
        });
  }

  @Override
  public Domain suspend(CallContext call, SuspendDomainRequest request) {
    return guest(
        call,
        request.getDomain(),
        "suspend",
        (domain, machine) -> {
          if (machine.paused()) {
            return domain;
          }
          power.suspend(machine);
          return world
              .domains()
              .observe(
                  machine.uuid(),
                  EventKind.EVENT_KIND_DOMAIN_SUSPENDED,
                  status ->
                      status
                          .setState(DomainState.DOMAIN_STATE_PAUSED)
                          .setReason(DomainStateReason.DOMAIN_STATE_REASON_USER));
        });
  }

  @Override
  public Domain resume(CallContext call, ResumeDomainRequest request) {
    return guest(
        call,
        request.getDomain(),
        "resume",
        (domain, machine) -> {
          if (!machine.paused()) {
            return domain;
          }
          power.resume(machine);
          DomainState next =
              machine.request() == PowerRequest.SHUTDOWN
                  ? DomainState.DOMAIN_STATE_IN_SHUTDOWN
                  : DomainState.DOMAIN_STATE_RUNNING;
          return world
              .domains()
              .observe(
                  machine.uuid(),
                  EventKind.EVENT_KIND_DOMAIN_RESUMED,
                  status ->
                      status.setState(next).setReason(DomainStateReason.DOMAIN_STATE_REASON_USER));
        });
  }

  @Override
  public Domain setAutostart(CallContext call, SetDomainAutostartRequest request) {
    return change(
        call,
        request.getDomain(),
        "set autostart",
        domain -> {
          DomainStates.requirePersistent(domain);
          return world
              .domains()
              .change(
                  domain.getSpec().getUuid(),
                  builder -> builder.getStatusBuilder().setAutostart(request.getAutostart()),
                  transaction -> {});
        });
  }

  /** A transient domain is not made persistent under a mirror (1F, decision 3). */
  private void requireMayPersist(String uuid) {
    boolean isTransient =
        world.domains().find(uuid).filter(known -> !known.getStatus().getPersistent()).isPresent();
    if (isTransient) {
      world.jobs().active(uuid).stream()
          .filter(JobRules::twoPhases)
          .findFirst()
          .ifPresent(
              job -> {
                throw JobHolds.busy(job);
              });
    }
  }

  private void requireDisksFree(DomainSpec spec) {
    world
        .domains()
        .find(spec.getUuid())
        .filter(known -> !DomainStates.active(known))
        .ifPresent(known -> world.jobs().requireUnchanged(known.getSpec(), spec));
  }

  private void requireUnknown(DomainSpec spec) {
    world.domains().list().stream()
        .map(Domain::getSpec)
        .filter(
            known ->
                known.getUuid().equalsIgnoreCase(spec.getUuid())
                    || known.getName().equals(spec.getName()))
        .findFirst()
        .ifPresent(
            known -> {
              throw DriverException.of(
                  ErrorReason.ERROR_REASON_DOMAIN_ALREADY_EXISTS,
                  "domain '%s' already exists with uuid %s; start that one or choose another name"
                      .formatted(known.getName(), known.getUuid()),
                  "domain",
                  known.getName(),
                  "uuid",
                  known.getUuid());
            });
  }

  private Domain guest(
      CallContext call,
      DomainRef ref,
      String operation,
      BiFunction<Domain, Machine, Domain> action) {
    return change(
        call,
        ref,
        operation,
        domain -> {
          DomainStates.requireActive(domain);
          Machine machine =
              machines
                  .find(domain.getSpec().getUuid())
                  .orElseThrow(
                      () ->
                          new IllegalStateException(
                              "an active domain without a guest: " + domain.getSpec().getName()));
          return action.apply(domain, machine);
        });
  }

  private Domain change(
      CallContext call, DomainRef ref, String operation, Function<Domain, Domain> action) {
    // The guest may end by itself until the world stands still.
    return world
        .lanes()
        .change(
            call,
            world.domains(),
            ref,
            operation,
            domain ->
                world
                    .lock()
                    .get(() -> action.apply(world.domains().require(domain.getSpec().getUuid()))));
  }

  private Domain change(
      CallContext call, String uuid, String name, String operation, Supplier<Domain> action) {
    try (DomainLanes.Pass _ = world.lanes().enter(call, uuid, name, operation)) {
      return world.lock().get(action);
    }
  }
}
