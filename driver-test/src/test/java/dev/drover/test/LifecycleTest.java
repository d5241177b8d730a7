package dev.drover.test;

import static dev.drover.test.DriverFixture.GUEST;
import static dev.drover.test.DriverFixture.NAME;
import static dev.drover.test.DriverFixture.call;
import static dev.drover.test.DriverFixture.disk;
import static dev.drover.test.DriverFixture.refused;
import static dev.drover.test.DriverFixture.spec;
import static dev.drover.test.DriverFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.event.DriverEvent;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.RebootDomainRequest;
import dev.drover.v1.ResumeDomainRequest;
import dev.drover.v1.ShutdownDomainRequest;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.SuspendDomainRequest;
import dev.drover.v1.UndefineDomainRequest;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Domains from definition to end. */
class LifecycleTest {

  private final DriverFixture world = new DriverFixture();

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void defaultDomainRunsFromTheBeginning() {
    Domain test = world.driver.domains().get(DomainRef.newBuilder().setName("test").build());
    assertThat(test.getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(test.getStatus().getPersistent()).isTrue();
    assertThat(test.getStatus().getAutostart()).isTrue();
    assertThat(test.getStatus().getId()).isEqualTo(1);
    assertThat(world.driver.domains().get(DomainRef.newBuilder().setId(1).build())).isEqualTo(test);
    assertThat(world.sha("/images/test/active.qcow2"))
        .hasSize(64)
        .isNotEqualTo(world.sha("/images/test/base.qcow2"));
  }

  @Test
  void guestObeysShutdownAfterVirtualTime() {
    world.running();
    assertThat(shutdown().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_IN_SHUTDOWN);
    world.advance(java.time.Duration.ofMillis(499));
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_IN_SHUTDOWN);
    world.advance(java.time.Duration.ofMillis(1));
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(world.domain().getStatus().getReason())
        .isEqualTo(DomainStateReason.DOMAIN_STATE_REASON_SHUTDOWN);
    assertThat(world.domain().getStatus().getId()).isZero();
    assertThat(world.domain().getStatus().hasLiveSpec()).isFalse();
    assertThat(world.eventKinds(DriverEvent.DomainEvent.class))
        .endsWith("DOMAIN_STARTED", "DOMAIN_SHUTDOWN", "DOMAIN_STOPPED");
  }

  @Test
  void pausedGuestObeysOnceItRunsAgain() {
    world.running();
    world
        .driver
        .domains()
        .suspend(call(), SuspendDomainRequest.newBuilder().setDomain(GUEST).build());
    shutdown();
    world.advanceSeconds(10);
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    world
        .driver
        .domains()
        .resume(call(), ResumeDomainRequest.newBuilder().setDomain(GUEST).build());
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_IN_SHUTDOWN);
    world.advanceSeconds(1);
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
  }

  @Test
  void rebootKeepsTheDomainRunning() {
    world.running();
    world
        .driver
        .domains()
        .reboot(call(), RebootDomainRequest.newBuilder().setDomain(GUEST).build());
    world.advanceSeconds(1);
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(world.eventKinds(DriverEvent.DomainEvent.class)).endsWith("DOMAIN_REBOOTED");
  }

  @Test
  void guestThatIgnoresShutdownIsDestroyed() {
    world.running();
    world.inject("domain.shutdown", FaultKind.FAULT_KIND_HANG);
    shutdown();
    world.advanceSeconds(3600);
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_IN_SHUTDOWN);
    destroy();
    world.clearFaults();
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(world.domain().getStatus().getReason())
        .isEqualTo(DomainStateReason.DOMAIN_STATE_REASON_DESTROYED);
    refused(ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING, this::destroy);
  }

  @Test
  void transientDomainIsForgottenAtItsEnd() {
    world.chain("/i");
    world
        .driver
        .domains()
        .create(
            call(),
            CreateDomainRequest.newBuilder()
                .setSpec(spec(NAME, disk("vda", "/i/active")))
                .setPaused(true)
                .build());
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(world.domain().getStatus().getPersistent()).isFalse();
    destroy();
    refused(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND, world::domain);
    assertThat(world.eventKinds(DriverEvent.DomainEvent.class))
        .endsWith("DOMAIN_STARTED", "DOMAIN_STOPPED", "DOMAIN_REMOVED");
  }

  @Test
  void failedCreateIsNeverHeardOf() {
    int before = world.events.size();
    refused(
        ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND,
        () ->
            world
                .driver
                .domains()
                .create(
                    call(),
                    CreateDomainRequest.newBuilder()
                        .setSpec(spec(NAME, disk("vda", "/i/none")))
                        .build()));
    refused(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND, world::domain);
    assertThat(world.events).hasSize(before);
  }

  @Test
  void undefinedRunningDomainGoesOnAsTransient() {
    // F1
    world.running();
    world
        .driver
        .domains()
        .undefine(call(), UndefineDomainRequest.newBuilder().setDomain(GUEST).build());
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(world.domain().getStatus().getPersistent()).isFalse();
    destroy();
    refused(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND, world::domain);
  }

  @Test
  void imagesAreCheckedAtStartAndNothingStaysOpen() {
    world.chain("/i");
    refusedStart(
        ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND, disk("vda", "/i/active"), disk("vdb", "/i/none"));
    refusedStart(
        ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH,
        disk("vda", "/i/base", ImageFormat.IMAGE_FORMAT_RAW));
    world.image("/i/orphan", "qcow2", "/i/gone");
    refusedStart(ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID, disk("vda", "/i/orphan"));
    world
        .driver
        .testControl()
        .orElseThrow()
        .createImage(
            call(),
            CreateImageRequest.newBuilder()
                .setPath("/i/unsure")
                .setFormat("qcow2")
                .setBackingReference("base")
                .build());
    refusedStart(ErrorReason.ERROR_REASON_BACKING_FORMAT_MISSING, disk("vda", "/i/unsure"));
    refusedStart(
        ErrorReason.ERROR_REASON_IMAGE_IN_USE, disk("vda", "/i/active"), disk("vdb", "/i/active"));
    world.define(NAME, disk("vda", "/i/active"));
    world.start(NAME);
  }

  @Test
  void imageHasOneWriterAmongAllDomains() {
    world.running();
    world.define("second", disk("vda", "/i/active"));
    refused(ErrorReason.ERROR_REASON_IMAGE_IN_USE, () -> world.start("second"));
    world.define("second", disk("vda", "/i/snap2"));
    refused(ErrorReason.ERROR_REASON_IMAGE_IN_USE, () -> world.start("second"));
    world.image("/i/branch", "qcow2", "/i/snap2", write(0, 1, 30));
    world.define("second", disk("vda", "/i/branch"));
    world.start("second");
  }

  @Test
  void crashWhileStartingIsReportedAndTheNextStartWorks() {
    world.chain("/i");
    world.define(NAME, disk("vda", "/i/active"));
    world.inject("domain.start", FaultKind.FAULT_KIND_HYPERVISOR_CRASH);
    refused(ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED, () -> world.start(NAME));
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(world.domain().getStatus().getReason())
        .isEqualTo(DomainStateReason.DOMAIN_STATE_REASON_FAILED);
    world.start(NAME);
    assertThat(world.domain().getStatus().getDetail()).isEmpty();
  }

  @Test
  void delayedStartEndsWhenVirtualTimeHasPassed() throws Exception {
    world.chain("/i");
    world.define(NAME, disk("vda", "/i/active"));
    world.injectDelay("domain.start", 5);
    Future<Domain> start = world.blocking().submit(() -> world.start(NAME));
    org.awaitility.Awaitility.await()
        .untilAsserted(
            () -> {
              world.advanceSeconds(1);
              assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
            });
    assertThat(start.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }

  @Test
  void busyLaneNamesWhatHoldsIt() throws Exception {
    world.chain("/i");
    world.define(NAME, disk("vda", "/i/active"));
    world.inject("domain.start", FaultKind.FAULT_KIND_HANG);
    Future<Domain> start = world.blocking().submit(() -> world.start(NAME));
    org.awaitility.Awaitility.await()
        .untilAsserted(
            () ->
                refused(
                    ErrorReason.ERROR_REASON_DOMAIN_BUSY,
                    () ->
                        world
                            .driver
                            .domains()
                            .start(
                                DriverFixture.lateCall(),
                                StartDomainRequest.newBuilder().setDomain(GUEST).build())));
    world.clearFaults();
    assertThat(start.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }

  private void refusedStart(ErrorReason reason, dev.drover.v1.Disk... disks) {
    world.define(NAME, disks);
    refused(reason, () -> world.start(NAME));
    assertThat(state()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
  }

  private DomainState state() {
    return world.domain().getStatus().getState();
  }

  private Domain shutdown() {
    return world
        .driver
        .domains()
        .shutdown(call(), ShutdownDomainRequest.newBuilder().setDomain(GUEST).build());
  }

  private Domain destroy() {
    return world
        .driver
        .domains()
        .destroy(call(), DestroyDomainRequest.newBuilder().setDomain(GUEST).build());
  }
}
