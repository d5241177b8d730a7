package dev.drover.qemu.domain;

import dev.drover.qemu.qmp.QemuEvent;
import dev.drover.qemu.qmp.RunStatus;
import dev.drover.spi.domain.DomainBook;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.EventKind;
import java.util.Optional;

/** What QEMU's events and answers mean for a domain's state. */
final class DomainTransitions {

  private DomainTransitions() {}

  /**
   * A change of state.
   *
   * @param kind how it is told
   * @param state the state afterwards
   * @param reason why
   */
  record Transition(EventKind kind, DomainState state, DomainStateReason reason) {

    /** The change of the register. */
    DomainBook.StatusChange statusChange() {
      return new DomainBook.StatusChange(kind, status -> status.setState(state).setReason(reason));
    }
  }

  /**
   * What an event changes.
   *
   * @param now the state before
   * @param hold why the processors are held, where the event says that they are
   * @return empty where nothing changes
   */
  static Optional<Transition> of(DomainState now, QemuEvent event, DomainStateReason hold) {
    return switch (event) {
      case QemuEvent.Stopped _ ->
          change(
              now == DomainState.DOMAIN_STATE_RUNNING
                  || now == DomainState.DOMAIN_STATE_IN_SHUTDOWN,
              EventKind.EVENT_KIND_DOMAIN_SUSPENDED,
              DomainState.DOMAIN_STATE_PAUSED,
              hold);
      case QemuEvent.Resumed _ ->
          change(
              now == DomainState.DOMAIN_STATE_PAUSED,
              EventKind.EVENT_KIND_DOMAIN_RESUMED,
              DomainState.DOMAIN_STATE_RUNNING,
              DomainStateReason.DOMAIN_STATE_REASON_USER);
      case QemuEvent.PowerButtonPressed _ ->
          change(
              now == DomainState.DOMAIN_STATE_RUNNING,
              EventKind.EVENT_KIND_DOMAIN_SHUTDOWN,
              DomainState.DOMAIN_STATE_IN_SHUTDOWN,
              DomainStateReason.DOMAIN_STATE_REASON_USER);
      case QemuEvent.Shutdown shutdown ->
          change(
              shutdown.byGuest() && now == DomainState.DOMAIN_STATE_RUNNING,
              EventKind.EVENT_KIND_DOMAIN_SHUTDOWN,
              DomainState.DOMAIN_STATE_IN_SHUTDOWN,
              DomainStateReason.DOMAIN_STATE_REASON_SHUTDOWN);
      case QemuEvent.Reset _ ->
          change(
              true,
              EventKind.EVENT_KIND_DOMAIN_REBOOTED,
              now == DomainState.DOMAIN_STATE_IN_SHUTDOWN ? DomainState.DOMAIN_STATE_RUNNING : now,
              DomainStateReason.DOMAIN_STATE_REASON_BOOTED);
      case QemuEvent.GuestPanicked _,
          QemuEvent.BlockIoError _,
          QemuEvent.WatchdogFired _,
          QemuEvent.Suspended _,
          QemuEvent.WokenUp _,
          QemuEvent.DeviceDeleted _,
          QemuEvent.BalloonChanged _,
          QemuEvent.JobStatusChanged _,
          QemuEvent.BlockJobReady _,
          QemuEvent.BlockJobPending _,
          QemuEvent.BlockJobCompleted _,
          QemuEvent.BlockJobCancelled _,
          QemuEvent.BlockJobError _,
          QemuEvent.Other _ ->
          Optional.empty();
    };
  }

  /**
   * What an answer of {@code query-status} changes, for what no event told.
   *
   * @param now the state before
   */
  static Optional<Transition> of(DomainState now, RunStatus status) {
    Transition seen = observed(status);
    boolean same =
        now == seen.state()
            || (now == DomainState.DOMAIN_STATE_IN_SHUTDOWN
                && seen.state() == DomainState.DOMAIN_STATE_RUNNING);
    return same ? Optional.empty() : Optional.of(seen);
  }

  /** The state that an answer of {@code query-status} describes. */
  static Transition observed(RunStatus status) {
    if (status.running()) {
      return running();
    }
    return switch (status.state()) {
      case IO_ERROR -> held(DomainStateReason.DOMAIN_STATE_REASON_IO_ERROR);
      case GUEST_PANICKED, INTERNAL_ERROR -> held(DomainStateReason.DOMAIN_STATE_REASON_PANICKED);
      case PRELAUNCH -> held(DomainStateReason.DOMAIN_STATE_REASON_STARTING_UP);
      case SHUTDOWN ->
          new Transition(
              EventKind.EVENT_KIND_DOMAIN_SHUTDOWN,
              DomainState.DOMAIN_STATE_IN_SHUTDOWN,
              DomainStateReason.DOMAIN_STATE_REASON_SHUTDOWN);
      case DEBUG,
          INMIGRATE,
          PAUSED,
          POSTMIGRATE,
          FINISH_MIGRATE,
          RESTORE_VM,
          RUNNING,
          SAVE_VM,
          SUSPENDED,
          WATCHDOG,
          COLO,
          UNKNOWN ->
          held(DomainStateReason.DOMAIN_STATE_REASON_USER);
    };
  }

  /** The guest's processors run. */
  static Transition running() {
    return new Transition(
        EventKind.EVENT_KIND_DOMAIN_RESUMED,
        DomainState.DOMAIN_STATE_RUNNING,
        DomainStateReason.DOMAIN_STATE_REASON_USER);
  }

  private static Transition held(DomainStateReason reason) {
    return new Transition(
        EventKind.EVENT_KIND_DOMAIN_SUSPENDED, DomainState.DOMAIN_STATE_PAUSED, reason);
  }

  private static Optional<Transition> change(
      boolean applies, EventKind kind, DomainState state, DomainStateReason reason) {
    return applies ? Optional.of(new Transition(kind, state, reason)) : Optional.empty();
  }
}
