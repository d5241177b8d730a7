package dev.drover.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.spi.activity.Work;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.event.DriverEvent;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import java.nio.file.Files;
import java.time.Duration;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The life of domains on a real QEMU, through the facet. */
class DomainLifeIT {

  private final QemuWorld world = new QemuWorld();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  @Test
  void aDomainStartsPausedRunsIsHeldAndIsDestroyed() {
    world.openDriver();
    world.define(QemuWorld.spec("one", world.qcow2("one.qcow2")));
    Domain started = world.startPaused("one");
    assertThat(started.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(started.getStatus().getReason())
        .isEqualTo(DomainStateReason.DOMAIN_STATE_REASON_STARTING_UP);
    assertThat(started.getStatus().getId()).isPositive();
    assertThat(QemuWorld.lives(started.getStatus().getProcessId())).isTrue();
    assertThat(started.getStatus().getLiveSpec()).isEqualTo(started.getSpec());

    assertThat(world.resume("one").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(world.resume("one").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(world.suspend("one").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(world.suspend("one").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_PAUSED);

    Domain ended = world.destroy("one");
    assertThat(ended.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(ended.getStatus().getReason())
        .isEqualTo(DomainStateReason.DOMAIN_STATE_REASON_DESTROYED);
    assertThat(ended.getStatus().getId()).isZero();
    assertThat(ended.getStatus().hasLiveSpec()).isFalse();
    assertThat(world.runtimeRecords()).isEmpty();
    assertThat(world.processes()).isEmpty();
    assertThat(
            world.events().stream()
                .map(DriverEvent::kind)
                .filter(kind -> kind != EventKind.EVENT_KIND_DOMAIN_UPDATED))
        .containsExactly(
            EventKind.EVENT_KIND_DOMAIN_DEFINED,
            EventKind.EVENT_KIND_DOMAIN_STARTED,
            EventKind.EVENT_KIND_DOMAIN_RESUMED,
            EventKind.EVENT_KIND_DOMAIN_SUSPENDED,
            EventKind.EVENT_KIND_DOMAIN_STOPPED);
  }

  @Test
  void aTransientDomainIsForgottenWhenItEnds() {
    world.openDriver();
    Domain created = world.createPaused(QemuWorld.spec("short", world.qcow2("short.qcow2")));
    assertThat(created.getStatus().getPersistent()).isFalse();
    world.destroy("short");
    assertThat(world.driver().domains().list()).isEmpty();
    assertThat(world.run().resolve(created.getSpec().getUuid())).doesNotExist();
  }

  @Test
  void aDomainGoesOnWithoutTheDaemonAndIsFoundAgain() { // R27
    world.openDriver();
    world.define(QemuWorld.spec("stays", world.qcow2("stays.qcow2")));
    Domain before = world.startPaused("stays");
    world.createPaused(QemuWorld.spec("transient", world.qcow2("transient.qcow2")));
    world.closeDriver();
    assertThat(QemuWorld.lives(before.getStatus().getProcessId())).isTrue();

    world.openDriver();
    Domain after = world.get("stays");
    assertThat(after.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(after.getStatus().getReason())
        .isEqualTo(DomainStateReason.DOMAIN_STATE_REASON_ADOPTED);
    assertThat(after.getStatus().getProcessId()).isEqualTo(before.getStatus().getProcessId());
    assertThat(after.getStatus().getId()).isEqualTo(before.getStatus().getId());
    assertThat(after.getStatus().getLiveSpec()).isEqualTo(before.getStatus().getLiveSpec());
    assertThat(world.get("transient").getStatus().getPersistent()).isFalse();
    world.resume("stays");
    world.destroy("stays");
    world.destroy("transient");
    assertThat(world.processes()).isEmpty();
    assertThat(world.driver().domains().list()).hasSize(1);
  }

  @Test
  void aCrashIsShownWithTheEndOfTheOutput() {
    world.openDriver();
    world.define(QemuWorld.spec("crash", world.qcow2("crash.qcow2")));
    Domain started = world.startPaused("crash");
    world.signal("KILL", started.getStatus().getProcessId());
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> world.get("crash").getStatus().getState() == DomainState.DOMAIN_STATE_CRASHED);
    assertThat(world.get("crash").getStatus().getDetail()).contains("signal 9");
    assertThat(world.runtimeRecords()).isEmpty();
    assertThat(world.startPaused("crash").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
  }

  @Test
  void aFailedStartLeavesNothingAndTellsWhatQemuSaid() {
    world.openDriver();
    world.define(
        QemuWorld.spec("bad", world.qcow2("bad.qcow2")).toBuilder()
            .addQemuArgs("-device")
            .addQemuArgs("no-such-device")
            .build());
    Assertions.assertThatThrownBy(() -> world.startPaused("bad"))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED);
              assertThat(e).hasMessageContaining("no-such-device");
            });
    assertThat(world.get("bad").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(world.get("bad").getStatus().getDetail()).contains("no-such-device");
    assertThat(world.runtimeRecords()).isEmpty();
    assertThat(world.processes()).isEmpty();
    assertThat(Files.exists(world.run().resolve(world.get("bad").getSpec().getUuid()))).isFalse();
  }

  @Test
  void aHungQemuIsShownAsUnresponsiveAndCanBeDestroyed() { // R4
    world.openDriver();
    world.define(QemuWorld.spec("hung", world.qcow2("hung.qcow2")));
    world.define(QemuWorld.spec("well", world.qcow2("well.qcow2")));
    Domain hung = world.startPaused("hung");
    world.startPaused("well");
    world.signal("STOP", hung.getStatus().getProcessId());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> world.get("hung").getStatus().getUnresponsive());
    assertThat(world.get("hung").getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(world.ongoing("hung"))
        .as("what it hangs on can be told, though nobody waits for it any more")
        .contains(new Work.Command(hung.getSpec().getUuid(), "hung", "query-status"));
    assertThat(world.get("hung").getStatus().getUnresponsiveDetail())
        .startsWith("no answer to query-status since");
    // An answer that is late may still come, so that a call waits for it; one that was given up
    // does not.
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                Assertions.assertThatThrownBy(() -> world.resume("hung", Duration.ofSeconds(2)))
                    .isInstanceOfSatisfying(
                        DriverException.class,
                        e ->
                            assertThat(e.reason())
                                .isEqualTo(ErrorReason.ERROR_REASON_DOMAIN_UNRESPONSIVE)));
    assertThat(world.resume("well").getStatus().getUnresponsive()).isFalse();
    assertThat(world.destroy("hung").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(QemuWorld.lives(hung.getStatus().getProcessId())).isFalse();
    await().until(() -> world.ongoing("hung").isEmpty());
  }

  @Test
  void aHungQemuIsUnknownAfterARestartUntilItAnswers() { // R6, R27
    world.openDriver();
    world.define(QemuWorld.spec("slow", world.qcow2("slow.qcow2")));
    Domain before = world.startPaused("slow");
    world.closeDriver();
    world.signal("STOP", before.getStatus().getProcessId());
    world.openDriver();
    assertThat(world.get("slow").getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_UNKNOWN);
    assertThat(world.get("slow").getStatus().getDetail())
        .contains(Long.toString(before.getStatus().getProcessId()));
    Assertions.assertThatThrownBy(() -> world.startPaused("slow"))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_DOMAIN_STATE_INVALID));
    world.signal("CONT", before.getStatus().getProcessId());
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> world.get("slow").getStatus().getState() == DomainState.DOMAIN_STATE_PAUSED);
    assertThat(world.get("slow").getStatus().getUnresponsive()).isFalse();
  }
}
