package dev.drover.qemu.domain;

import dev.drover.qemu.config.CommandLine;
import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.qmp.QemuEvent;
import dev.drover.qemu.qmp.QmpCommand;
import dev.drover.qemu.qmp.RunCommand;
import dev.drover.spi.CallContext;
import dev.drover.spi.Domains;
import dev.drover.spi.DriverContext;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.domain.DomainSpecDefaults;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobHolds;
import dev.drover.spi.job.JobRules;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.snapshot.SnapshotUndefine;
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
import dev.drover.v1.Job;
import dev.drover.v1.RebootDomainRequest;
import dev.drover.v1.ResetDomainRequest;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.SetDomainAutostartRequest;
import dev.drover.v1.ShutdownDomainRequest;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.SuspendDomainRequest;
import dev.drover.v1.UndefineDomainRequest;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Domains as QEMU processes; the facet behind {@code DomainService}. */
final class QemuDomains implements Domains {

  private final DriverContext context;
  private final DomainBook book;
  private final DomainLanes lanes;
  private final JobBook jobs;
  private final SnapshotBook snapshots;
  private final SnapshotUndefine undefinitions;
  private final LiveDomains lives;
  private final DomainSupervisor supervisor;
  private final DomainLauncher launcher;
  private final DomainPower power;
  private final StartChecks checks;
  private final Hypervisor hypervisor;
  private final RandomGenerator random = new SecureRandom();

  QemuDomains(
      DriverContext context,
      DomainBook book,
      DomainLanes lanes,
      JobBook jobs,
      SnapshotBook snapshots,
      LiveDomains lives,
      DomainSupervisor supervisor,
      DomainLauncher launcher,
      DomainPower power,
      StartChecks checks,
      Hypervisor hypervisor) {
    this.context = context;
    this.book = book;
    this.lanes = lanes;
    this.jobs = jobs;
    this.snapshots = snapshots;
    this.undefinitions = new SnapshotUndefine(book, snapshots);
    this.lives = lives;
    this.supervisor = supervisor;
    this.launcher = launcher;
    this.power = power;
    this.checks = checks;
    this.hypervisor = hypervisor;
  }

  @Override
  public List<Domain> list() {
    return book.list();
  }

  @Override
  public Domain get(DomainRef domain) {
    return book.require(domain);
  }

  @Override
  public Domain define(CallContext call, DefineDomainRequest request) {
    DomainSpec spec = book.complete(request.getSpec(), random);
    checks.check(spec, hypervisor.known().capabilities());
    try (DomainLanes.Pass _ = lanes.enter(call, spec.getUuid(), spec.getName(), "define")) {
      Optional<Domain> stored = book.find(spec.getUuid());
      if (stored.isPresent() && !stored.get().getStatus().getPersistent()) {
        refuseUnderMirror(spec.getUuid());
      }
      stored
          .filter(known -> !DomainStates.active(known))
          .ifPresent(known -> jobs.requireUnchanged(known.getSpec(), spec));
      if (request.getValidateOnly()) {
        return book.preview(spec, request.getEtag());
      }
      return undefinitions.define(spec, request.getEtag());
    }
  }

  /** 1F: a transient domain is not made persistent while a mirror runs. */
  private void refuseUnderMirror(String uuid) {
    for (Job job : jobs.active(uuid)) {
      if (JobRules.twoPhases(job)) {
        throw JobHolds.busy(job);
      }
    }
  }

  @Override
  public void undefine(CallContext call, UndefineDomainRequest request) {
    Domain named = book.require(request.getDomain());
    try (DomainLanes.Pass _ = enter(call, named, "undefine")) {
      Domain domain = book.require(uuid(named));
      DomainStates.requirePersistent(domain);
      if (!DomainStates.active(domain)) {
        jobs.requireIdle(uuid(domain));
      }
      undefinitions.undefine(domain, request);
      lives
          .find(uuid(domain))
          .ifPresent(
              live ->
                  live.update(
                      record ->
                          record.withDomain(
                              record.domain().toBuilder()
                                  .setSpec(record.domain().getStatus().getLiveSpec())
                                  .build())));
      if (book.find(uuid(domain)).isEmpty()) {
        RunDirectories.remove(files(domain));
        lanes.forget(uuid(domain));
      }
    }
  }

  @Override
  public Domain create(CallContext call, CreateDomainRequest request) {
    DomainSpec spec = DomainSpecDefaults.complete(request.getSpec(), Optional.empty(), random);
    checks.check(spec, hypervisor.known().capabilities());
    try (DomainLanes.Pass _ = lanes.enter(call, spec.getUuid(), spec.getName(), "create")) {
      requireUnknown(spec);
      snapshots.kept().requireNone(spec);
      return launcher.start(
          call,
          Domain.newBuilder().setSpec(spec).build(),
          request.getPaused(),
          () -> undefinitions.addTransient(spec));
    }
  }

  /** Refused before anything is made; entering the domain checks it again. */
  private void requireUnknown(DomainSpec spec) {
    book.preview(spec, "");
    book.find(spec.getUuid())
        .ifPresent(
            known -> {
              throw DriverException.of(
                  ErrorReason.ERROR_REASON_DOMAIN_ALREADY_EXISTS,
                  "domain '%s' already exists with uuid %s; start that one or choose another name"
                      .formatted(name(known), uuid(known)),
                  "domain",
                  name(known),
                  "uuid",
                  uuid(known));
            });
  }

  @Override
  public Domain start(CallContext call, StartDomainRequest request) {
    return start(call, book.require(request.getDomain()), request.getPaused());
  }

  /** Starts a defined domain. */
  Domain start(CallContext call, Domain named, boolean paused) {
    try (DomainLanes.Pass _ = enter(call, named, "start")) {
      power.requireStopped(book.require(uuid(named)));
      jobs.requireStartable(uuid(named));
      return power.start(call, uuid(named), paused);
    }
  }

  @Override
  public Domain shutdown(CallContext call, ShutdownDomainRequest request) {
    Domain named = book.require(request.getDomain());
    try (DomainLanes.Pass _ = enter(call, named, "shutdown")) {
      Supervision supervision = running(named);
      if (supervision.rebootAsked()) {
        execute(call, supervision, new RunCommand.SetShutdownAction(false));
        supervision.setRebootAsked(false);
      }
      execute(call, supervision, new RunCommand.SystemPowerdown());
      return observeShutdown(named);
    }
  }

  private Domain observeShutdown(Domain named) {
    return book.observe(
        uuid(named),
        now ->
            DomainTransitions.of(
                    now.getState(),
                    new QemuEvent.PowerButtonPressed(),
                    DomainStateReason.DOMAIN_STATE_REASON_USER)
                .map(DomainTransitions.Transition::statusChange));
  }

  @Override
  public Domain reboot(CallContext call, RebootDomainRequest request) {
    Domain named = book.require(request.getDomain());
    try (DomainLanes.Pass _ = enter(call, named, "reboot")) {
      Supervision supervision = running(named);
      supervision.setRebootAsked(true);
      if (!CommandLine.restartsAfterPowerOff(
          supervision.live().record().domain().getStatus().getLiveSpec())) {
        execute(call, supervision, new RunCommand.SetShutdownAction(true));
      }
      execute(call, supervision, new RunCommand.SystemPowerdown());
      return book.require(uuid(named));
    }
  }

  @Override
  public Domain reset(CallContext call, ResetDomainRequest request) {
    Domain named = book.require(request.getDomain());
    try (DomainLanes.Pass _ = enter(call, named, "reset")) {
      execute(call, running(named), new RunCommand.SystemReset());
      return book.require(uuid(named));
    }
  }

  @Override
  public Domain suspend(CallContext call, SuspendDomainRequest request) {
    Domain named = book.require(request.getDomain());
    try (DomainLanes.Pass _ = enter(call, named, "suspend")) {
      Supervision supervision = running(named);
      supervision.expectHold(DomainStateReason.DOMAIN_STATE_REASON_USER);
      supervision.live().processors().stop(call.remaining(context.clock().instant()));
      return move(named, EventKind.EVENT_KIND_DOMAIN_SUSPENDED, DomainState.DOMAIN_STATE_PAUSED);
    }
  }

  @Override
  public Domain resume(CallContext call, ResumeDomainRequest request) {
    Domain named = book.require(request.getDomain());
    try (DomainLanes.Pass _ = enter(call, named, "resume")) {
      Supervision supervision = running(named);
      supervision.live().processors().run(call.remaining(context.clock().instant()));
      return move(named, EventKind.EVENT_KIND_DOMAIN_RESUMED, DomainState.DOMAIN_STATE_RUNNING);
    }
  }

  /** The event may have changed the model before; then there is nothing to tell twice. */
  private Domain move(Domain named, EventKind kind, DomainState state) {
    DomainTransitions.Transition moved =
        new DomainTransitions.Transition(kind, state, DomainStateReason.DOMAIN_STATE_REASON_USER);
    return book.observe(
        uuid(named),
        now -> {
          boolean there =
              now.getState() == state
                  || (state == DomainState.DOMAIN_STATE_RUNNING
                      && now.getState() == DomainState.DOMAIN_STATE_IN_SHUTDOWN);
          return there ? Optional.empty() : Optional.of(moved.statusChange());
        });
  }

  @Override
  public Domain destroy(CallContext call, DestroyDomainRequest request) {
    Domain named = book.require(request.getDomain());
    try (DomainLanes.Pass _ = enter(call, named, "destroy")) {
      return power.end(call, uuid(named), request.getGraceful());
    }
  }

  @Override
  public Domain setAutostart(CallContext call, SetDomainAutostartRequest request) {
    Domain named = book.require(request.getDomain());
    try (DomainLanes.Pass _ = enter(call, named, "autostart")) {
      Domain domain = book.require(uuid(named));
      DomainStates.requirePersistent(domain);
      if (domain.getStatus().getAutostart() == request.getAutostart()) {
        return domain;
      }
      return book.change(
          uuid(domain),
          builder -> builder.getStatusBuilder().setAutostart(request.getAutostart()),
          _ -> {});
    }
  }

  private Supervision running(Domain named) {
    Domain domain = book.require(uuid(named));
    Optional<Supervision> found = supervisor.find(uuid(domain));
    if (found.isEmpty() || domain.getStatus().getState() != DomainState.DOMAIN_STATE_UNKNOWN) {
      DomainStates.requireActive(domain);
      lives.require(domain);
    }
    Supervision supervision = found.orElseThrow();
    supervision.live().monitor();
    return supervision;
  }

  private void execute(CallContext call, Supervision supervision, QmpCommand<?> command) {
    supervision.live().execute(command, call.remaining(context.clock().instant()));
  }

  private DomainLanes.Pass enter(CallContext call, Domain domain, String operation) {
    return lanes.enter(call, uuid(domain), name(domain), operation);
  }

  private RunFiles files(Domain domain) {
    return new RunFiles(context.runtimeDirectory().resolve(uuid(domain)));
  }

  private static String uuid(Domain domain) {
    return domain.getSpec().getUuid();
  }

  private static String name(Domain domain) {
    return domain.getSpec().getName();
  }
}
