package dev.drover.qemu.domain;

import dev.drover.qemu.config.CommandLine;
import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.process.ProcessExit;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.qmp.CommandDeadline;
import dev.drover.qemu.qmp.EventSignal;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.QemuEvent;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpEvent;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.qemu.qmp.RunCommand;
import dev.drover.qemu.qmp.RunState;
import dev.drover.qemu.qmp.RunStatus;
import dev.drover.spi.DriverContext;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.snapshot.SnapshotUndefine;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.EventKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows every running QEMU: turns its events into states of its domain, one after another, and
 * closes the domain when the process has ended. The model is changed here and by calls that hold
 * the domain's lane.
 */
final class DomainSupervisor {

  private static final Logger logger = LoggerFactory.getLogger(DomainSupervisor.class);
  private static final int EVENT_CAPACITY = 1024;
  private static final Duration END_OF_EVENTS = Duration.ofSeconds(5);
  private static final Duration END_AFTER_DISCONNECT = Duration.ofSeconds(5);
  private static final Set<String> EVENTS =
      Set.of(
          "STOP",
          "RESUME",
          "SHUTDOWN",
          "RESET",
          "POWERDOWN",
          "GUEST_PANICKED",
          "BLOCK_IO_ERROR",
          "WATCHDOG",
          "BALLOON_CHANGE");

  private final DriverContext context;
  private final DomainBook book;
  private final DomainLanes lanes;
  private final LiveDomains lives;
  private final RuntimeRecords records;
  private final SnapshotBook snapshots;
  private final Map<String, Supervision> byUuid = new ConcurrentHashMap<>();
  private volatile boolean closing;

  DomainSupervisor(
      DriverContext context,
      DomainBook book,
      DomainLanes lanes,
      LiveDomains lives,
      RuntimeRecords records,
      SnapshotBook snapshots) {
    this.context = context;
    this.book = book;
    this.lanes = lanes;
    this.lives = lives;
    this.records = records;
    this.snapshots = snapshots;
  }

  Optional<Supervision> find(String uuid) {
    return Optional.ofNullable(byUuid.get(uuid));
  }

  List<Supervision> list() {
    return List.copyOf(byUuid.values());
  }

  /** Subscribes to what the supervisor follows; to be done before QEMU may run. */
  static EventSubscription subscribe(QmpConnection connection) {
    return connection.subscribe(DomainSupervisor::followed, EVENT_CAPACITY);
  }

  private static boolean followed(QmpEvent event) {
    return EVENTS.contains(event.name());
  }

  /** Watches a process for its end. The model must know the domain as running by now. */
  Supervision supervise(LiveDomain live, QemuProcess process) {
    Supervision supervision = new Supervision(live, process);
    byUuid.put(live.uuid(), supervision);
    var _ =
        process
            .exit()
            .thenAcceptAsync(exit -> endedAfterItsEvents(supervision, exit), context.blocking());
    return supervision;
  }

  /** Follows the events of a connection on a thread of their own. */
  void follow(Supervision supervision, EventSubscription events) {
    CompletableFuture<Boolean> drained = new CompletableFuture<>();
    supervision.beginEvents(drained);
    supervision.live().follow(events);
    context
        .blocking()
        .execute(
            () -> {
              try {
                events.drain(signal -> take(supervision, signal));
              } finally {
                events.close();
                drained.complete(true);
              }
              if (!closing) {
                afterEvents(supervision);
              }
            });
  }

  private void take(Supervision supervision, EventSignal signal) {
    switch (signal) {
      case EventSignal.Occurred(QmpEvent event) -> {
        try {
          handle(supervision, QemuEvent.of(event));
        } catch (RuntimeException e) {
          logger.warn(
              "Domain {}: event {} could not be dealt with; the next look at QEMU puts it right",
              supervision.live().name(),
              event.name(),
              e);
        }
      }
      case EventSignal.Overflowed overflowed ->
          logger.warn(
              "Domain {}: more than {} events waited; QEMU is looked at instead",
              supervision.live().name(),
              overflowed.capacity());
      case EventSignal.Disconnected disconnected ->
          logger.debug(
              "Domain {}: its monitor ended: {}", supervision.live().name(), disconnected.reason());
      case EventSignal.Closed _ -> {}
    }
  }

  /** The stream of events is over: QEMU ends, or its monitor does, or too much came at once. */
  private void afterEvents(Supervision supervision) {
    Optional<QmpConnection> connection = supervision.live().connection();
    if (connection.isPresent()) {
      follow(supervision, subscribe(connection.get()));
      lookAt(supervision, connection.get());
      return;
    }
    try {
      if (supervision.process().awaitExit(END_AFTER_DISCONNECT).isEmpty()) {
        logger.warn(
            "Domain {}: its monitor closed, but process {} lives; connecting again",
            supervision.live().name(),
            supervision.process().pid());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Finds out what was told by events that are lost; newer ones tell it better. */
  private void lookAt(Supervision supervision, QmpConnection connection) {
    try {
      long asked = supervision.live().processors().moves();
      observe(supervision, connection.execute(new QueryCommand.QueryStatus()), asked);
    } catch (QmpException | DriverException e) {
      logger.warn(
          "Domain {}: what its lost events told is not known", supervision.live().name(), e);
    }
  }

  private void handle(Supervision supervision, QemuEvent event) {
    LiveDomain live = supervision.live();
    switch (event) {
      case QemuEvent.Stopped _ -> {
        live.processors().moved();
        if (supervision.startingAgain() || isOnlyHeld(supervision)) {
          return;
        }
        live.processors().stoppedByItself();
      }
      case QemuEvent.Resumed _ -> {
        live.processors().moved();
        supervision.setStartingAgain(false);
      }
      case QemuEvent.PowerButtonPressed _ -> {
        if (supervision.rebootAsked()) {
          return;
        }
      }
      case QemuEvent.BlockIoError error -> {
        if (error.stopped()) {
          supervision.expectHold(DomainStateReason.DOMAIN_STATE_REASON_IO_ERROR);
        }
      }
      case QemuEvent.GuestPanicked _ -> {
        supervision.markPanicked();
        supervision.expectHold(DomainStateReason.DOMAIN_STATE_REASON_PANICKED);
      }
      case QemuEvent.BalloonChanged balloon ->
          book.observe(
              live.uuid(),
              EventKind.EVENT_KIND_DOMAIN_UPDATED,
              status -> status.setCurrentMemoryBytes(balloon.actualBytes()));
      case QemuEvent.Shutdown _ -> {
        if (staysAfterShutdown(supervision)) {
          supervision.setStartingAgain(true);
          // Its order to the processors waits for events to be dealt with, which is done here.
          context.blocking().execute(() -> startAgainAfterEvent(supervision));
          return;
        }
        supervision.expectEnd(DomainEnd.Cause.SHUTDOWN);
      }
      case QemuEvent.Reset _,
          QemuEvent.WatchdogFired _,
          QemuEvent.Suspended _,
          QemuEvent.WokenUp _,
          QemuEvent.DeviceDeleted _,
          QemuEvent.JobStatusChanged _,
          QemuEvent.BlockJobReady _,
          QemuEvent.BlockJobPending _,
          QemuEvent.BlockJobCompleted _,
          QemuEvent.BlockJobCancelled _,
          QemuEvent.BlockJobError _,
          QemuEvent.Other _ -> {}
    }
    apply(supervision, now -> DomainTransitions.of(now, event, supervision.hold()));
    if (event instanceof QemuEvent.Stopped) {
      supervision.expectHold(DomainStateReason.DOMAIN_STATE_REASON_USER);
    }
  }

  /** Changes a domain's state, where the state it has at this moment leaves something to change. */
  void apply(
      Supervision supervision,
      Function<DomainState, Optional<DomainTransitions.Transition>> decision) {
    book.observe(
        supervision.live().uuid(),
        status ->
            decision.apply(status.getState()).map(DomainTransitions.Transition::statusChange));
  }

  /**
   * Brings the model in line with what QEMU said of itself, where that is not old by now.
   *
   * @param asked the {@link GuestProcessors#moves} before QEMU was asked
   */
  void observe(Supervision supervision, RunStatus status, long asked) {
    GuestProcessors processors = supervision.live().processors();
    if (status.state() == RunState.SHUTDOWN) {
      startAgain(supervision);
      return;
    }
    RunStatus shown = processors.shown(status);
    apply(
        supervision,
        now -> processors.moves() == asked ? DomainTransitions.of(now, shown) : Optional.empty());
  }

  /**
   * Whether the processors stopped only because a step holds them, which is no change of the
   * domain's state.
   */
  private static boolean isOnlyHeld(Supervision supervision) {
    return supervision.hold() == DomainStateReason.DOMAIN_STATE_REASON_USER
        && supervision.live().processors().held();
  }

  /** QEMU holds a machine that powered off only where it was told to, for starting it again. */
  private static boolean staysAfterShutdown(Supervision supervision) {
    Optional<QmpConnection> connection = supervision.live().connection();
    if (connection.isEmpty()) {
      return false;
    }
    try {
      return connection.get().execute(new QueryCommand.QueryStatus()).state() == RunState.SHUTDOWN;
    } catch (QmpException e) {
      logger.debug("Domain {} is ending", supervision.live().name(), e);
      return false;
    }
  }

  private void startAgainAfterEvent(Supervision supervision) {
    try {
      startAgain(supervision);
    } catch (RuntimeException e) {
      logger.warn(
          "Domain {}: its guest powered off and could not be started again; the next look at QEMU"
              + " puts it right",
          supervision.live().name(),
          e);
    }
  }

  private void startAgain(Supervision supervision) {
    LiveDomain live = supervision.live();
    supervision.setStartingAgain(true);
    live.execute(new RunCommand.SystemReset());
    live.processors().run(CommandDeadline.DRAIN.duration());
    if (!CommandLine.restartsAfterPowerOff(live.record().domain().getStatus().getLiveSpec())) {
      live.execute(new RunCommand.SetShutdownAction(false));
    }
    supervision.setRebootAsked(false);
  }

  private void endedAfterItsEvents(Supervision supervision, ProcessExit exit) {
    if (closing) {
      return;
    }
    if (exit.lingers()) {
      // Its end of the monitor is one of the files that the kernel has yet to close.
      supervision.live().disconnect();
    }
    supervision
        .eventsDrained()
        .copy()
        .completeOnTimeout(false, END_OF_EVENTS.toSeconds(), TimeUnit.SECONDS)
        .join();
    try {
      supervision.ended().complete(end(supervision, exit));
    } catch (RuntimeException e) {
      logger.error("Domain {} could not be closed", supervision.live().name(), e);
      supervision.ended().completeExceptionally(e);
    } finally {
      // Until the domain is shown as stopped, whoever wants its end finds what to wait for.
      byUuid.remove(supervision.live().uuid(), supervision);
    }
  }

  private Domain end(Supervision supervision, ProcessExit exit) {
    LiveDomain live = supervision.live();
    DomainEnd how = how(supervision, exit);
    live.disconnect();
    lives.ended(live, how);
    records.delete(live.uuid());
    RunFiles files = new RunFiles(live.runDirectory());
    RunDirectories.removeSockets(files);
    boolean crashed = how.cause() == DomainEnd.Cause.CRASHED;
    Domain domain =
        book.observe(
            live.uuid(),
            crashed ? EventKind.EVENT_KIND_DOMAIN_CRASHED : EventKind.EVENT_KIND_DOMAIN_STOPPED,
            status -> {
              clear(status);
              status
                  .setState(
                      crashed
                          ? DomainState.DOMAIN_STATE_CRASHED
                          : DomainState.DOMAIN_STATE_SHUT_OFF)
                  .setReason(reason(how.cause(), supervision.panicked()))
                  .setDetail(how.detail());
            });
    if (!domain.getStatus().getPersistent()) {
      new SnapshotUndefine(book, snapshots).ended(live.uuid());
      RunDirectories.remove(files);
      book.remove(live.uuid());
      lanes.forget(live.uuid());
    }
    return domain;
  }

  private static DomainEnd how(Supervision supervision, ProcessExit exit) {
    DomainEnd.Cause cause =
        supervision
            .expectedEnd()
            .orElse(
                exit.exitCode().equals(OptionalInt.of(0))
                    ? DomainEnd.Cause.SHUTDOWN
                    : DomainEnd.Cause.CRASHED);
    if (supervision.panicked() && cause == DomainEnd.Cause.SHUTDOWN) {
      cause = DomainEnd.Cause.CRASHED;
    }
    String detail =
        cause == DomainEnd.Cause.CRASHED
            ? (exit.describe() + "\n" + exit.outputTail()).strip()
            : exit.lingers() ? exit.describe() : "";
    return new DomainEnd(cause, detail);
  }

  private static DomainStateReason reason(DomainEnd.Cause cause, boolean panicked) {
    return switch (cause) {
      case SHUTDOWN -> DomainStateReason.DOMAIN_STATE_REASON_SHUTDOWN;
      case DESTROYED -> DomainStateReason.DOMAIN_STATE_REASON_DESTROYED;
      case CRASHED ->
          panicked
              ? DomainStateReason.DOMAIN_STATE_REASON_PANICKED
              : DomainStateReason.DOMAIN_STATE_REASON_CRASHED;
    };
  }

  /** Takes out of a status what only a running domain has. */
  static void clear(DomainStatus.Builder status) {
    status
        .clearId()
        .clearStartTime()
        .clearAcceleration()
        .clearAccelerationDetail()
        .clearProcessId()
        .clearUnresponsive()
        .clearUnresponsiveDetail()
        .clearLiveSpec()
        .clearSerialLogPaths()
        .clearCurrentMemoryBytes();
  }

  /** Lets go of every QEMU; they go on. */
  void close() {
    closing = true;
    for (Supervision supervision : list()) {
      supervision.live().disconnect();
    }
  }
}
