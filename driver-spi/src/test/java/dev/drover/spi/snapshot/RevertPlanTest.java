package dev.drover.spi.snapshot;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.JobKind;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R9: what a revert is going to do. */
class RevertPlanTest {

  private static final Domain DOMAIN =
      Domain.newBuilder()
          .setSpec(
              DomainSpec.newBuilder()
                  .setName("guest")
                  .setUuid("u")
                  .addDisks(disk("vda", "/i/a.s"))
                  .addDisks(disk("vdb", "/i/b.qcow2")))
          .setStatus(DomainStatus.newBuilder().setPersistent(true))
          .build();

  private static final Snapshot SNAPSHOT =
      Snapshot.newBuilder()
          .setName("s")
          .setDomainName("guest")
          .setDomainUuid("u")
          .addDisks(
              SnapshotDisk.newBuilder()
                  .setTarget("vda")
                  .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
                  .setFrozen(image("/i/a.qcow2")))
          .addDisks(
              SnapshotDisk.newBuilder()
                  .setTarget("vdb")
                  .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED))
          .build();

  private final FakeFiles files = new FakeFiles().chain("/i/a.s", "/i/a.qcow2", "/i/base");

  @Test
  void disksGoOnAboveTheImageOfTheMoment() {
    RevertPlan plan = plan(DOMAIN, SNAPSHOT, request());
    assertThat(plan.target()).isEqualTo(RevertState.REVERT_STATE_SHUT_OFF);
    assertThat(plan.frozenPaths()).containsExactly("/i/a.qcow2");
    assertThat(plan.parts())
        .singleElement()
        .satisfies(
            part -> {
              assertThat(part.target()).isEqualTo("vda");
              assertThat(part.overlay().getPath()).isEqualTo("/i/a.s-1");
              assertThat(part.overlay().getBackingReference()).isEqualTo("/i/a.qcow2");
              assertThat(part.overlay().getVirtualSizeBytes()).isEqualTo(1 << 20);
            });
    assertThat(plan.job().getKind()).isEqualTo(JobKind.JOB_KIND_SNAPSHOT_REVERT);
    assertThat(plan.job().getDisk()).isEmpty();
    assertThat(plan.job().getSnapshot()).isEqualTo("s");
  }

  @Test
  void theLowestFreeNumberIsTaken() {
    files.chain("/i/a.s-1").chain("/i/a.s-3");
    assertThat(overlay(SNAPSHOT, request())).isEqualTo("/i/a.s-2");
  }

  @Test
  void twoDisksOnImagesOfOneNameDoNotMeet() {
    files.chain("/i/a.raw");
    Snapshot two =
        SNAPSHOT.toBuilder()
            .setDisks(
                1,
                SnapshotDisk.newBuilder()
                    .setTarget("vdb")
                    .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
                    .setFrozen(image("/i/a.raw")))
            .build();
    assertThat(plan(DOMAIN, two, request()).parts())
        .extracting(part -> part.overlay().getPath())
        .containsExactly("/i/a.s-1", "/i/a.s-2");
    refused(
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        () ->
            plan(
                DOMAIN,
                two,
                request().addDisks(wish("vda", "/i/x")).addDisks(wish("vdb", "/i/x"))));
  }

  @Test
  void anOverlayCanBeChosenWhereNothingIs() {
    assertThat(overlay(SNAPSHOT, request().addDisks(wish("vda", "/i/./mine"))))
        .isEqualTo("/i/mine");
    refused(
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        () -> plan(DOMAIN, SNAPSHOT, request().addDisks(wish("vda", "/i/base"))));
    refused(
        ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED,
        () -> plan(DOMAIN, SNAPSHOT, request().addDisks(wish("vda", "/sealed/over"))));
    refused(
        ErrorReason.ERROR_REASON_DISK_NOT_FOUND,
        () -> plan(DOMAIN, SNAPSHOT, request().addDisks(wish("vdb", "/i/mine"))));
  }

  @Test
  void aTransientDomainWouldBeGone() {
    Domain domain = DOMAIN.toBuilder().clearStatus().build();
    refused(ErrorReason.ERROR_REASON_DOMAIN_TRANSIENT, () -> plan(domain, SNAPSHOT, request()));
  }

  @Test
  void aMomentThatADeletionTookIsLost() {
    Snapshot deleting = SNAPSHOT.toBuilder().setDeleting(true).build();
    refused(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST, () -> plan(DOMAIN, deleting, request()));
    Snapshot.Builder merged = SNAPSHOT.toBuilder();
    merged.getDisksBuilder(1).setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED);
    DriverException failure =
        refused(
            ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST,
            () -> plan(DOMAIN, merged.build(), request()));
    assertThat(failure.metadata()).containsEntry("disk", "vdb").containsEntry("snapshot", "s");
  }

  @Test
  void aMomentThatACommitWentIntoIsLostForGood() {
    Snapshot.Builder lost = SNAPSHOT.toBuilder();
    lost.getDisksBuilder(0).setStateLost(true).setLostByJob("j");
    DriverException failure =
        refused(
            ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST,
            () -> plan(DOMAIN, lost.build(), request()));
    assertThat(failure.metadata()).containsEntry("disk", "vda").containsEntry("snapshot", "s");
    assertThat(failure).hasMessageContaining("job j");
  }

  @ParameterizedTest
  @CsvSource({"/i/a.qcow2, /i/a.s", "/i/a.s, /i/a.qcow2", "/i/./a.qcow2, /i/a.s"})
  void aMomentThatAGuestWritesToIsLost(String defined, String live) {
    Domain.Builder domain = DOMAIN.toBuilder();
    domain.getSpecBuilder().setDisks(0, disk("vda", defined));
    domain.getStatusBuilder().setLiveSpec(DomainSpec.newBuilder().addDisks(disk("vda", live)));
    refused(
        ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST,
        () -> plan(domain.build(), SNAPSHOT, request()));
  }

  @Test
  void disksAndImagesMustBeThere() {
    Domain.Builder domain = DOMAIN.toBuilder();
    domain.getSpecBuilder().removeDisks(0);
    refused(
        ErrorReason.ERROR_REASON_DISK_NOT_FOUND, () -> plan(domain.build(), SNAPSHOT, request()));
    refused(
        ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND,
        () -> RevertPlan.of(DOMAIN, SNAPSHOT, request().build(), new FakeFiles()));
  }

  @ParameterizedTest
  @CsvSource({
    "RUNNING, UNSPECIFIED, RUNNING",
    "PAUSED, UNSPECIFIED, PAUSED",
    "IN_SHUTDOWN, UNSPECIFIED, RUNNING",
    "PAUSED, RUNNING, RUNNING",
    "RUNNING, PAUSED, PAUSED"
  })
  void aGuestGoesOnFromItsMemory(String then, String asked, String target) {
    RevertPlan plan =
        plan(
            DOMAIN,
            withMemory().setDomainState(DomainState.valueOf("DOMAIN_STATE_" + then)).build(),
            request().setTargetState(RevertState.valueOf("REVERT_STATE_" + asked)));
    assertThat(plan.target()).isEqualTo(RevertState.valueOf("REVERT_STATE_" + target));
    assertThat(plan.moment())
        .hasValueSatisfying(
            moment -> {
              assertThat(moment.memory().getPath()).isEqualTo("/i/a.s");
              assertThat(moment.spec().getName()).isEqualTo("guest");
              assertThat(moment.spec().getMachine()).isEqualTo("pc-q35-7.2");
              assertThat(moment.spec().getDisks(0).getSource()).isEqualTo(image("/i/a.s-1"));
            });
  }

  @Test
  void memoryIsNeededOnlyWhereTheGuestGoesOn() {
    Snapshot gone = withMemory().setMemory(SnapshotMemory.newBuilder().setPath("/i/gone")).build();
    refused(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST, () -> plan(DOMAIN, gone, request()));
    RevertPlan off =
        plan(DOMAIN, gone, request().setTargetState(RevertState.REVERT_STATE_SHUT_OFF));
    assertThat(off.moment()).isEmpty();
  }

  /** Any file will do. */
  private static Snapshot.Builder withMemory() {
    return SNAPSHOT.toBuilder()
        .setMemory(SnapshotMemory.newBuilder().setPath("/i/a.s"))
        .setDomainSpec(
            DomainSpec.newBuilder()
                .setName("as it was called then")
                .setMachine("pc-q35-7.2")
                .addDisks(disk("vda", "/i/a.qcow2")));
  }

  private String overlay(Snapshot snapshot, RevertSnapshotRequest.Builder request) {
    return plan(DOMAIN, snapshot, request).parts().getFirst().overlay().getPath();
  }

  private RevertPlan plan(Domain domain, Snapshot snapshot, RevertSnapshotRequest.Builder request) {
    return RevertPlan.of(domain, snapshot, request.build(), files);
  }

  private static RevertSnapshotRequest.Builder request() {
    return RevertSnapshotRequest.newBuilder();
  }

  private static SnapshotDisk wish(String target, String path) {
    return SnapshotDisk.newBuilder()
        .setTarget(target)
        .setOverlay(Image.newBuilder().setPath(path))
        .build();
  }

  private static Image image(String path) {
    return Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();
  }

  private static Disk disk(String target, String path) {
    return Disk.newBuilder().setTarget(target).setSource(image(path)).build();
  }
}
