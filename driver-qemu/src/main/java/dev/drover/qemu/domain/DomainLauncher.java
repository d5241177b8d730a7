package dev.drover.qemu.domain;

import dev.drover.qemu.config.CommandLine;
import dev.drover.qemu.config.LaunchPlan;
import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.CheckedChain;
import dev.drover.qemu.image.CheckedFile;
import dev.drover.qemu.image.CheckedPlace;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.FileIdentity;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.journal.DoomedFile;
import dev.drover.qemu.process.ProcessExit;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.process.SpawnSpec;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpConnectionLostException;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.qemu.qmp.QmpInterruptedException;
import dev.drover.qemu.qmp.RunCommand;
import dev.drover.spi.CallContext;
import dev.drover.spi.DriverContext;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.snapshot.OwnedImage;
import dev.drover.spi.snapshot.OwnedImages;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.SerialConsole;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Starts QEMU for a domain. Images and acceleration are looked at first; then every step is
 * preceded by a record that lets another run of the daemon undo it, and undone here when a later
 * one fails: no process, no socket and no record is left of a failed start.
 */
final class DomainLauncher {

  private static final Duration START_DEADLINE = Duration.ofSeconds(30);
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private final DriverContext context;
  private final QmpEventLoop loop;
  private final DomainBook book;
  private final LiveDomains lives;
  private final RuntimeRecords records;
  private final DomainSupervisor supervisor;
  private final DomainSampler sampler;
  private final ChainReader chains;
  private final OwnedImages owned;
  private final Hypervisor hypervisor;
  private final Accelerations accelerations;
  private final StartChecks checks;
  private final OpeningCheck opening;

  DomainLauncher(
      DriverContext context,
      QmpEventLoop loop,
      DomainBook book,
      LiveDomains lives,
      RuntimeRecords records,
      DomainSupervisor supervisor,
      DomainSampler sampler,
      ChainReader chains,
      OwnedImages owned,
      Hypervisor hypervisor,
      Accelerations accelerations,
      StartChecks checks,
      OpeningCheck opening) {
    this.context = context;
    this.loop = loop;
    this.book = book;
    this.lives = lives;
    this.records = records;
    this.supervisor = supervisor;
    this.sampler = sampler;
    this.chains = chains;
    this.owned = owned;
    this.hypervisor = hypervisor;
    this.accelerations = accelerations;
    this.checks = checks;
    this.opening = opening;
  }

  /**
   * Starts a domain whose lane the caller holds.
   *
   * @param paused whether its processors stay held
   * @param enter makes the model know a domain that it does not know yet; called when QEMU runs
   * @return the domain, running or paused
   */
  Domain start(CallContext call, Domain domain, boolean paused, Runnable enter) {
    return start(call, domain, domain.getSpec(), Optional.empty(), paused, enter);
  }

  /** Starts a domain on record whose guest goes on from its memory; its processors stay held. */
  Domain restore(CallContext call, Domain domain, Restoration restoration) {
    return start(call, domain, restoration.spec(), Optional.of(restoration), true, () -> {});
  }

  private Domain start(
      CallContext call,
      Domain domain,
      DomainSpec spec,
      Optional<Restoration> restoration,
      boolean paused,
      Runnable enter) {
    checks.beforeStart(spec, hypervisor.require());
    CheckedDisks disks = disks(spec);
    Accelerations.Choice acceleration = accelerations.choose(spec);
    call.check(context.clock().instant());
    RunFiles files = new RunFiles(context.runtimeDirectory().resolve(spec.getUuid()));
    files.requireShort();
    LaunchPlan plan =
        new LaunchPlan(
            hypervisor.binary(),
            spec,
            acceleration.acceleration(),
            files,
            disks.graphs(),
            restoration.filter(Restoration::incoming).isPresent());
    DomainStatus status = status(domain, plan, acceleration);
    int nodes = disks.files().size();
    RuntimeRecord record =
        new RuntimeRecord(
            RuntimeRecord.Phase.STARTING,
            domain.toBuilder().setStatus(status).build(),
            files.directory(),
            0,
            0,
            "",
            nodes,
            disks.graphs(),
            GuestInterventions.NONE);
    LiveDomain live = new LiveDomain(record, records, context.timers());
    owned.goOn(image -> disks.written().stream().anyMatch(file(image)::isLike));
    return launch(call, plan, live, disks.files(), restoration, paused, enter);
  }

  /**
   * The disks of a start.
   *
   * @param graphs what QEMU is to open
   * @param files the files of all their images, as they were checked
   * @param written those that the guest writes to
   */
  private record CheckedDisks(
      List<DiskGraph> graphs, List<CheckedFile> files, Set<FileIdentity> written) {}

  private static DoomedFile file(OwnedImage image) {
    return DoomedFile.known(image.image().getPath(), image.identity());
  }

  private CheckedDisks disks(DomainSpec spec) {
    List<DiskGraph> graphs = new ArrayList<>();
    List<CheckedFile> files = new ArrayList<>();
    Set<FileIdentity> written = new HashSet<>();
    for (Disk disk : spec.getDisksList()) {
      CheckedChain checked = chains.readChecked(spec.getName(), disk.getTarget(), disk.getSource());
      if (!disk.getReadOnly()) {
        chains.requireWritable(checked.chain().active());
        written.add(checked.files().getFirst().identity());
      }
      String path = CommandLine.diskPath(disk.getTarget());
      graphs.add(DiskGraph.opened(disk.getTarget(), path, checked.chain(), files.size()));
      files.addAll(checked.files());
    }
    return new CheckedDisks(graphs, files, written);
  }

  private DomainStatus status(Domain domain, LaunchPlan plan, Accelerations.Choice acceleration) {
    return domain.getStatus().toBuilder()
        .setState(DomainState.DOMAIN_STATE_PAUSED)
        .setReason(DomainStateReason.DOMAIN_STATE_REASON_STARTING_UP)
        .setDetail("")
        .setId(book.nextId())
        .setStartTime(ProtoTimes.timestamp(context.clock().instant()))
        .setAcceleration(acceleration.acceleration())
        .setAccelerationDetail(acceleration.detail())
        .setLiveSpec(plan.spec())
        .clearSerialLogPaths()
        .addAllSerialLogPaths(
            plan.files().serialLogs(plan.spec()).stream().map(Path::toString).toList())
        .setCurrentMemoryBytes(plan.spec().getMemoryBytes())
        .build();
  }

  private Domain launch(
      CallContext call,
      LaunchPlan plan,
      LiveDomain live,
      List<CheckedFile> images,
      Optional<Restoration> restoration,
      boolean paused,
      Runnable enter) {
    Optional<QemuProcess> process = Optional.empty();
    boolean made = false;
    try {
      made = RunDirectories.create(plan.files());
      live.update(record -> record);
      List<CheckedPlace> logs =
          plan.spec().getSerialConsolesList().stream()
              .map(SerialConsole::getLogPath)
              .filter(path -> !path.isEmpty())
              .map(opening::place)
              .toList();
      process = Optional.of(spawn(plan));
      QemuProcess spawned = process.get();
      live.update(
          record ->
              record.withProcess(
                  spawned.pid(), spawned.identity().startTicks(), spawned.identity().bootId()));
      QmpConnection connection = connect(call, plan, spawned);
      live.connect(connection);
      EventSubscription events = DomainSupervisor.subscribe(connection);
      opening.require(live.name(), spawned.pid(), images);
      opening.requireLogs(live.name(), spawned.pid(), logs);
      if (restoration.isPresent()) {
        restoration.get().feed().accept(live);
        // A QEMU that waited for its memory has its images open for writing only now.
        opening.require(live.name(), spawned.pid(), images);
      }
      if (!paused) {
        live.execute(new RunCommand.Cont(), call.remaining(context.clock().instant()));
      }
      enter.run();
      return settle(live, spawned, events, paused);
    } catch (IOException | RuntimeException e) {
      DriverException failure = failure(plan, process, e);
      undo(plan, live, process, made, failure);
      throw failure;
    }
  }

  private QemuProcess spawn(LaunchPlan plan) throws IOException {
    return QemuProcess.spawn(
        new SpawnSpec(CommandLine.of(plan), plan.files().directory(), plan.files().output()));
  }

  private QmpConnection connect(CallContext call, LaunchPlan plan, QemuProcess process)
      throws IOException {
    Duration left = call.remaining(context.clock().instant());
    Duration deadline = left.compareTo(START_DEADLINE) < 0 ? left : START_DEADLINE;
    MonitorConnector.awaitStart(process, plan.files().pidFile(), deadline);
    return MonitorConnector.connect(loop, plan.files().monitor(), process, deadline);
  }

  /** Makes the start durable and known; from here on the process is the supervisor's. */
  private Domain settle(
      LiveDomain live, QemuProcess process, EventSubscription events, boolean paused) {
    DomainStatus started =
        live.record().domain().getStatus().toBuilder()
            .setState(paused ? DomainState.DOMAIN_STATE_PAUSED : DomainState.DOMAIN_STATE_RUNNING)
            .setReason(
                paused
                    ? DomainStateReason.DOMAIN_STATE_REASON_STARTING_UP
                    : DomainStateReason.DOMAIN_STATE_REASON_BOOTED)
            .setProcessId(process.pid())
            .build();
    live.update(record -> record.running(record.domain().toBuilder().setStatus(started).build()));
    lives.add(live);
    Domain domain =
        book.observe(
            live.uuid(),
            EventKind.EVENT_KIND_DOMAIN_STARTED,
            status ->
                status
                    .setState(started.getState())
                    .setReason(started.getReason())
                    .setDetail("")
                    .setId(started.getId())
                    .setStartTime(started.getStartTime())
                    .setAcceleration(started.getAcceleration())
                    .setAccelerationDetail(started.getAccelerationDetail())
                    .setProcessId(started.getProcessId())
                    .setLiveSpec(started.getLiveSpec())
                    .clearSerialLogPaths()
                    .addAllSerialLogPaths(started.getSerialLogPathsList())
                    .setCurrentMemoryBytes(started.getCurrentMemoryBytes()));
    Supervision supervision = supervisor.supervise(live, process);
    live.observeSilence(command -> sampler.silent(supervision, command));
    supervisor.follow(supervision, events);
    lives.adopted(live);
    return domain;
  }

  private DriverException failure(LaunchPlan plan, Optional<QemuProcess> process, Exception cause) {
    String name = plan.spec().getName();
    if (cause instanceof QmpInterruptedException interrupted) {
      return MonitorErrors.of(name, interrupted);
    }
    Optional<ProcessExit> exit = process.flatMap(started -> lastWords(started, cause));
    if (exit.isPresent()) {
      return StartFailures.ended(plan.spec(), exit.get());
    }
    return switch (cause) {
      case DriverException known -> known;
      case QmpException silent -> StartFailures.noMonitor(plan.spec(), silent);
      case IOException io when process.isEmpty() -> StartFailures.notSpawned(plan, io);
      default -> StartFailures.noMonitor(plan.spec(), cause);
    };
  }

  /** A monitor that closed means that QEMU is about to end; what it printed says why. */
  private static Optional<ProcessExit> lastWords(QemuProcess process, Exception cause) {
    boolean closed =
        cause instanceof IOException
            || cause instanceof QmpConnectionLostException
            || (cause instanceof DriverException lost
                && lost.reason() == ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST);
    if (!closed && process.isAlive()) {
      return Optional.empty();
    }
    try {
      return process.awaitExit(LAST_WORDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private void undo(
      LaunchPlan plan,
      LiveDomain live,
      Optional<QemuProcess> process,
      boolean directoryMade,
      DriverException failure) {
    live.disconnect();
    boolean interrupted = Thread.interrupted();
    try {
      if (process.isPresent() && process.get().kill().isEmpty()) {
        failure.addSuppressed(
            new IOException("process " + process.get().pid() + " cannot be killed"));
        return;
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    RunDirectories.removeSockets(plan.files());
    if (directoryMade) {
      RunDirectories.remove(plan.files());
    }
    try {
      records.delete(live.uuid());
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
