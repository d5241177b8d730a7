package dev.drover.qemu.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.qmp.QemuEvent;
import dev.drover.qemu.qmp.RunState;
import dev.drover.qemu.qmp.RunStatus;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.EventKind;
import org.junit.jupiter.api.Test;

class DomainTransitionsTest {

  private static final DomainStateReason USER = DomainStateReason.DOMAIN_STATE_REASON_USER;

  @Test
  void aStopTellsWhyTheProcessorsAreHeld() {
    assertThat(
            DomainTransitions.of(
                DomainState.DOMAIN_STATE_RUNNING,
                new QemuEvent.Stopped(),
                DomainStateReason.DOMAIN_STATE_REASON_IO_ERROR))
        .contains(
            new DomainTransitions.Transition(
                EventKind.EVENT_KIND_DOMAIN_SUSPENDED,
                DomainState.DOMAIN_STATE_PAUSED,
                DomainStateReason.DOMAIN_STATE_REASON_IO_ERROR));
  }

  @Test
  void whatIsSoAlreadyIsNotToldAgain() {
    assertThat(DomainTransitions.of(DomainState.DOMAIN_STATE_PAUSED, new QemuEvent.Stopped(), USER))
        .isEmpty();
    assertThat(
            DomainTransitions.of(DomainState.DOMAIN_STATE_RUNNING, new QemuEvent.Resumed(), USER))
        .isEmpty();
    assertThat(
            DomainTransitions.of(
                DomainState.DOMAIN_STATE_IN_SHUTDOWN, new RunStatus(true, RunState.RUNNING)))
        .isEmpty();
  }

  @Test
  void onlyTheGuestsOwnShutdownIsAShutdown() {
    assertThat(
            DomainTransitions.of(
                DomainState.DOMAIN_STATE_RUNNING,
                new QemuEvent.Shutdown(true, "guest-shutdown"),
                USER))
        .hasValueSatisfying(
            change -> assertThat(change.state()).isEqualTo(DomainState.DOMAIN_STATE_IN_SHUTDOWN));
    assertThat(
            DomainTransitions.of(
                DomainState.DOMAIN_STATE_RUNNING,
                new QemuEvent.Shutdown(false, "host-signal"),
                USER))
        .isEmpty();
  }

  @Test
  void aGuestThatWasResetWhileItShutDownRuns() {
    assertThat(
            DomainTransitions.of(
                DomainState.DOMAIN_STATE_IN_SHUTDOWN,
                new QemuEvent.Reset(false, "host-qmp-system-reset"),
                USER))
        .hasValueSatisfying(
            change -> assertThat(change.state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING));
  }

  @Test
  void everyAnswerOfQemuHasAState() {
    for (RunState state : RunState.values()) {
      assertThat(DomainTransitions.observed(new RunStatus(false, state)).state())
          .isIn(DomainState.DOMAIN_STATE_PAUSED, DomainState.DOMAIN_STATE_IN_SHUTDOWN);
    }
    assertThat(DomainTransitions.observed(new RunStatus(true, RunState.RUNNING)).state())
        .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }
}
