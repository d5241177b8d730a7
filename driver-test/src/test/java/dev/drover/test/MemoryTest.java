package dev.drover.test;

import static dev.drover.test.DriverFixture.GUEST;
import static dev.drover.test.DriverFixture.call;
import static dev.drover.test.DriverFixture.refused;
import static dev.drover.test.DriverFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.CallContext;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.ResetDomainRequest;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** R9: guests that go on from their memory. */
class MemoryTest {

  private final DriverFixture world = new DriverFixture();

  @BeforeEach
  void runningGuestThatHasWritten() {
    world.running();
    world.guestWrites(write(5, 1, 90));
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void aGuestRemembersWhatItDidUntilTheMomentAndNothingSince() {
    Snapshot one = create("one");
    world.guestWrites(write(6, 1, 91));
    Snapshot two = create("two");

    revert("one");

    assertThat(memory(create("three"))).isEqualTo(memory(one)).isNotEqualTo(memory(two));
    revert("two");
    assertThat(memory(create("four"))).isEqualTo(memory(two));
  }

  @Test
  void aGuestThatStartsAnewRemembersNothing() {
    Snapshot one = create("one");
    var _ =
        world
            .driver
            .domains()
            .reset(call(), ResetDomainRequest.newBuilder().setDomain(GUEST).build());
    Snapshot two = create("two");
    assertThat(memory(two)).isNotEqualTo(memory(one));
  }

  @ParameterizedTest
  @EnumSource(names = {"FAULT_KIND_ERROR", "FAULT_KIND_DISK_FULL", "FAULT_KIND_HYPERVISOR_CRASH"})
  void memoryThatCannotBeTakenLeavesNothing(FaultKind kind) { // G1, G11
    Domain before = world.domain();
    world.inject("snapshot.memory", kind);

    refused(
        switch (kind) {
          case FAULT_KIND_ERROR -> ErrorReason.ERROR_REASON_INJECTED_FAULT;
          case FAULT_KIND_DISK_FULL -> ErrorReason.ERROR_REASON_NO_SPACE;
          default -> ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST;
        },
        () -> create("one"));

    assertThat(world.exists("/m/one")).isFalse();
    assertThat(world.exists("/i/active.one")).isFalse();
    assertThat(world.domain().getSpec()).isEqualTo(before.getSpec());
    assertThat(world.domain().getStatus().getState())
        .isEqualTo(
            kind == FaultKind.FAULT_KIND_HYPERVISOR_CRASH
                ? DomainState.DOMAIN_STATE_CRASHED
                : DomainState.DOMAIN_STATE_RUNNING);
  }

  @Test
  void aCallThatHangsUntilItsDeadlineLetsTheGuestGo() { // R10
    world.inject("snapshot.memory", FaultKind.FAULT_KIND_HANG);

    refused(
        ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED, () -> create(DriverFixture.lateCall(), "one"));

    assertThat(world.exists("/m/one")).isFalse();
    world.guestWrites(write(6, 1, 91));
    world.clearFaults();
    assertThat(create("one").getMemory().getSizeBytes()).isPositive();
  }

  @Test
  void aFileThatGoesDuringTheRevertIsMissedBeforeTheGuestEnds() {
    create("one");
    world.injectDelay("revert.prepared", 5);
    Job job = begin("one");
    world.advanceSeconds(1);
    change(ChangeImageRequest.newBuilder().setPath("/m/one").setRemove(true));
    world.advanceSeconds(10);

    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(world.domain().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(world.exists("/i/active.one-1")).isFalse();
  }

  private void change(ChangeImageRequest.Builder request) {
    world.driver.testControl().orElseThrow().changeImage(call(), request.build());
  }

  private String memory(Snapshot snapshot) {
    return world.sha(snapshot.getMemory().getPath());
  }

  private Snapshot create(String name) {
    return create(call(), name);
  }

  private Snapshot create(CallContext call, String name) {
    return world
        .driver
        .snapshots()
        .orElseThrow()
        .create(
            call,
            CreateSnapshotRequest.newBuilder()
                .setDomain(GUEST)
                .setName(name)
                .setMemory(SnapshotMemory.newBuilder().setPath("/m/" + name))
                .build())
        .getSnapshot();
  }

  private Job begin(String name) {
    return world
        .driver
        .snapshots()
        .orElseThrow()
        .revert(call(), RevertSnapshotRequest.newBuilder().setDomain(GUEST).setName(name).build());
  }

  private void revert(String name) {
    Job job = begin(name);
    world.advanceSeconds(1);
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.domain().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
  }
}
