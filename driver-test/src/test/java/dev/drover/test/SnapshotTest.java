package dev.drover.test;

import static dev.drover.test.DriverFixture.GUEST;
import static dev.drover.test.DriverFixture.NAME;
import static dev.drover.test.DriverFixture.call;
import static dev.drover.test.DriverFixture.disk;
import static dev.drover.test.DriverFixture.refused;
import static dev.drover.test.DriverFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Section 1G: external disk-only snapshots of a domain with two disks. */
class SnapshotTest {

  private final DriverFixture world = new DriverFixture();

  @BeforeEach
  void twoDisks() {
    world.chain("/i");
    world.image("/i/data.img", "raw", "", write(0, 2, 40));
    world.define(
        NAME,
        disk("vda", "/i/active"),
        disk("vdb", "/i/data.img", dev.drover.v1.ImageFormat.IMAGE_FORMAT_RAW));
    world.start(NAME);
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void everyDiskGoesOnInAnOverlayAndTheMomentStays() {
    // G8, G10, D11
    String moment = world.guestSha();

    Snapshot snapshot = create(request("before"));
    world.guestWrites(write(5, 1, 90));

    assertThat(world.paths("vda"))
        .containsExactly("/i/active.before", "/i/active", "/i/snap2", "/i/snap1", "/i/base");
    assertThat(world.paths("vdb")).containsExactly("/i/data.before", "/i/data.img");
    assertThat(world.sha("/i/active")).isEqualTo(moment).isNotEqualTo(world.guestSha());
    assertThat(snapshot.getDisksList())
        .extracting(disk -> disk.getFrozen().getPath())
        .containsExactly("/i/active", "/i/data.img");
    Domain domain = world.domain();
    assertThat(domain.getSpec().getDisks(0).getSource().getPath()).isEqualTo("/i/active.before");
    assertThat(domain.getStatus().getLiveSpec()).isEqualTo(domain.getSpec());
    assertThat(domain.getStatus().getSnapshotCount()).isEqualTo(1);
    assertThat(snapshot.getDomainSpec().getDisks(1).getSource().getPath()).isEqualTo("/i/data.img");
  }

  @Test
  void nextSnapshotHasTheCurrentOneAsItsParent() {
    create(request("one"));
    Snapshot two = create(request("two"));
    assertThat(two.getParent()).isEqualTo("one");
    assertThat(world.driver.snapshots().orElseThrow().list(GUEST))
        .extracting(Snapshot::getName, Snapshot::getCurrent)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("one", false),
            org.assertj.core.groups.Tuple.tuple("two", true));
    refused(ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS, () -> create(request("two")));
  }

  @ParameterizedTest
  @EnumSource(names = {"FAULT_KIND_ERROR", "FAULT_KIND_DISK_FULL", "FAULT_KIND_HYPERVISOR_CRASH"})
  void failureAtTheSecondDiskLeavesNothing(FaultKind kind) {
    // G1, G11
    Domain before = world.domain();
    world.inject("snapshot.disk.2", kind);

    refused(
        switch (kind) {
          case FAULT_KIND_ERROR -> ErrorReason.ERROR_REASON_INJECTED_FAULT;
          case FAULT_KIND_DISK_FULL -> ErrorReason.ERROR_REASON_NO_SPACE;
          default -> ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST;
        },
        () -> create(request("before")));

    assertThat(world.exists("/i/active.before")).isFalse();
    assertThat(world.exists("/i/data.before")).isFalse();
    assertThat(world.domain().getSpec()).isEqualTo(before.getSpec());
    assertThat(world.paths("vda").getFirst()).isEqualTo("/i/active");
    assertThat(world.driver.snapshots().orElseThrow().list(GUEST)).isEmpty();
    assertThat(world.domain().getStatus().getSnapshotCount()).isZero();
  }

  @Test
  void callThatHangsUntilItsDeadlineLeavesNothing() {
    // R10, G11
    world.inject("snapshot.disk.2", FaultKind.FAULT_KIND_HANG);
    refused(
        ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
        () ->
            world
                .driver
                .snapshots()
                .orElseThrow()
                .create(DriverFixture.lateCall(), request("before").build()));
    assertThat(world.exists("/i/active.before")).isFalse();
    assertThat(world.paths("vda")).hasSize(4);
    world.clearFaults();
    assertThat(world.paths("vda")).hasSize(4);
  }

  @Test
  void existingOverlayIsRefusedAndMissingOneWithReuse() {
    // G6, G8
    world.image("/i/active.before", "qcow2", "/i/active");
    refused(ErrorReason.ERROR_REASON_DESTINATION_EXISTS, () -> create(request("before")));
    refused(
        ErrorReason.ERROR_REASON_DESTINATION_MISSING,
        () -> create(request("before").setReuseExternal(true)));
    assertThat(world.exists("/i/data.before")).isFalse();
  }

  @Test
  void reusedOverlayKeepsItsHeader() {
    // G5
    world.image("/i/mine", "qcow2", "active");
    Snapshot snapshot =
        create(
            request("before")
                .setReuseExternal(true)
                .addDisks(overlay("vda", "/i/mine"))
                .addDisks(excluded("vdb")));
    assertThat(snapshot.getDisks(0).getOverlay().getPath()).isEqualTo("/i/mine");
    assertThat(world.paths("vda").getFirst()).isEqualTo("/i/mine");
    assertThat(world.paths("vdb")).containsExactly("/i/data.img");
  }

  @Test
  void reusedOverlayOnAnotherImageIsRefused() {
    world.image("/i/mine", "qcow2", "/i/base");
    refused(
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
        () ->
            create(
                request("before")
                    .setReuseExternal(true)
                    .addDisks(overlay("vda", "/i/mine"))
                    .addDisks(excluded("vdb"))));
  }

  @Test
  void snapshotIsRefusedUnderAJobAndWithoutDisks() {
    // 1F
    refused(
        ErrorReason.ERROR_REASON_SNAPSHOT_WITHOUT_DISKS,
        () -> create(request("x").addDisks(excluded("vda")).addDisks(excluded("vdb"))));
    refused(
        ErrorReason.ERROR_REASON_DISK_NOT_FOUND,
        () -> create(request("x").addDisks(excluded("vdz"))));
    world
        .driver
        .blockJobs()
        .orElseThrow()
        .pull(call(), BlockPullRequest.newBuilder().setDomain(GUEST).setDisk("vda").build());
    refused(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> create(request("x")));
  }

  @Test
  void disksOfAShutOffDomainMoveToo() {
    // G10, R9
    String moment = world.guestSha();
    destroy();

    Snapshot snapshot = create(request("before"));

    assertThat(snapshot.getDomainState()).isEqualTo(DomainState.DOMAIN_STATE_SHUT_OFF);
    assertThat(snapshot.getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_SHUT_OFF);
    assertThat(world.domain().getSpec().getDisksList())
        .extracting(disk -> disk.getSource().getPath())
        .containsExactly("/i/active.before", "/i/data.before");
    assertThat(world.domain().getStatus().hasLiveSpec()).isFalse();
    world.start(NAME);
    world.guestWrites(write(5, 1, 90));
    assertThat(world.sha("/i/active")).isEqualTo(moment);
    assertThat(create(request("after")).getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_CRASH);
  }

  @ParameterizedTest
  @CsvSource({
    "snapshot.disk.2, FAULT_KIND_ERROR, ERROR_REASON_INJECTED_FAULT",
    "snapshot.disk.2, FAULT_KIND_DISK_FULL, ERROR_REASON_NO_SPACE",
    "image.create, FAULT_KIND_DISK_FULL, ERROR_REASON_NO_SPACE",
  })
  void failureOnAShutOffDomainLeavesNothing(String step, FaultKind kind, ErrorReason reason) {
    // G1, G2, G11
    destroy();
    Domain before = world.domain();
    world.inject(step, kind);

    refused(reason, () -> create(request("before")));

    assertThat(world.exists("/i/active.before")).isFalse();
    assertThat(world.exists("/i/data.before")).isFalse();
    assertThat(world.domain()).isEqualTo(before);
    assertThat(world.driver.snapshots().orElseThrow().list(GUEST)).isEmpty();
  }

  @Test
  void imagesThatAnotherDomainWritesToHoldNoMomentAndOnesItReadsDo() {
    destroy();
    world.image("/o/over", "qcow2", "/i/active");
    world.define("other", disk("vda", "/i/active"));
    world.start("other");
    refused(ErrorReason.ERROR_REASON_IMAGE_IN_USE, () -> create(request("before")));
    assertThat(world.exists("/i/active.before")).isFalse();
    destroy("other");
    world.define("other", disk("vda", "/o/over"));
    world.start("other");
    create(request("before"));
  }

  private void destroy() {
    destroy(NAME);
  }

  private void destroy(String name) {
    world
        .driver
        .domains()
        .destroy(
            call(),
            DestroyDomainRequest.newBuilder()
                .setDomain(DomainRef.newBuilder().setName(name))
                .build());
  }

  @Test
  void snapshotWithoutMetadataChangesTheDisksAll() {
    create(request("before").setNoMetadata(true));
    assertThat(world.paths("vda")).hasSize(5);
    assertThat(world.driver.snapshots().orElseThrow().list(GUEST)).isEmpty();
    assertThat(world.domain().getStatus().getSnapshotCount()).isZero();
  }

  @Test
  void validateOnlyChangesNothing() {
    Snapshot shown = create(request("before").setValidateOnly(true));
    assertThat(shown.getDisks(0).getOverlay().getPath()).isEqualTo("/i/active.before");
    assertThat(world.exists("/i/active.before")).isFalse();
    assertThat(world.paths("vda")).hasSize(4);
  }

  private Snapshot create(CreateSnapshotRequest.Builder request) {
    return world.driver.snapshots().orElseThrow().create(call(), request.build()).getSnapshot();
  }

  private static CreateSnapshotRequest.Builder request(String name) {
    return CreateSnapshotRequest.newBuilder().setDomain(GUEST).setName(name).setAtomic(true);
  }

  private static SnapshotDisk overlay(String target, String path) {
    return SnapshotDisk.newBuilder()
        .setTarget(target)
        .setOverlay(Image.newBuilder().setPath(path))
        .build();
  }

  private static SnapshotDisk excluded(String target) {
    return SnapshotDisk.newBuilder()
        .setTarget(target)
        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)
        .build();
  }
}
