package dev.drover.spi.snapshot;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotPlanTest {

  private static final DomainSpec SPEC =
      DomainSpec.newBuilder()
          .setName("guest")
          .setUuid("u")
          .addDisks(disk("vda", "/i/a.qcow2"))
          .addDisks(disk("vdb", "/i/b.qcow2"))
          .addDisks(disk("vdc", "/i/c.iso").toBuilder().setReadOnly(true))
          .addDisks(Disk.newBuilder().setTarget("vdd"))
          .build();

  private final FakeFiles files =
      new FakeFiles().chain("/i/a.qcow2", "/i/base").chain("/i/b.qcow2").chain("/i/c.iso");

  @Test
  void writableDisksWithAMediumGoOnBesideTheirImages() {
    // G8, D11
    SnapshotPlan plan = plan(request());
    assertThat(plan.parts())
        .extracting(SnapshotPlan.Part::target, part -> part.overlay().getPath())
        .containsExactly(tuple("vda", "/i/a.s"), tuple("vdb", "/i/b.s"));
    assertThat(plan.parts())
        .allMatch(SnapshotPlan.Part::make)
        .allMatch(part -> part.overlay().getFormat() == ImageFormat.IMAGE_FORMAT_QCOW2);
    assertThat(plan.frozenPaths()).containsExactlyInAnyOrder("/i/a.qcow2", "/i/b.qcow2");
  }

  @ParameterizedTest
  @CsvSource({
    "/i/disk.qcow2, /i/disk.s",
    "/i/disk, /i/disk.s",
    "/i/v1.2/disk, /i/v1.2/disk.s",
    "/i/.hidden, /i/.hidden.s",
    "/i/disk.first, /i/disk.s",
  })
  void theNameTakesThePlaceOfTheExtension(String image, String overlay) {
    assertThat(SnapshotPlan.beside(image, "s")).isEqualTo(overlay);
  }

  @Test
  void pathsThatAreTooLongAreRefusedBeforeAnythingIsMade() {
    String deep = "/" + "d/".repeat(510) + "a";
    assertThat(deep).hasSize(1022);
    files.chain(deep + "bc").chain(deep + "b");
    refused(
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
        () -> SnapshotPlan.of(spec(deep + "bc"), "s", request().build(), files));
    assertThat(SnapshotPlan.of(spec(deep + "b"), "s", request().build(), files).parts()).hasSize(1);
    refused(
        ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
        () -> SnapshotPlan.of(SPEC, "s".repeat(254), request().build(), files));
    assertThat(SnapshotPlan.of(SPEC, "s".repeat(253), request().build(), files).parts()).hasSize(2);
  }

  private static DomainSpec spec(String image) {
    return DomainSpec.newBuilder().setName("guest").addDisks(disk("vda", image)).build();
  }

  @Test
  void theRecordTellsOfEveryDisk() {
    Instant now = Instant.parse("2026-01-02T03:04:05Z");
    Snapshot record =
        plan(request().setDescription("why").addDisks(excluded("vdb")))
            .record(request().setDescription("why").build(), DomainState.DOMAIN_STATE_PAUSED, now);
    assertThat(record.getName()).isEqualTo("s");
    assertThat(record.getDescription()).isEqualTo("why");
    assertThat(record.getDomainUuid()).isEqualTo("u");
    assertThat(record.getDomainState()).isEqualTo(DomainState.DOMAIN_STATE_PAUSED);
    assertThat(record.getConsistency()).isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_CRASH);
    assertThat(record.getCreateTime()).isEqualTo(ProtoTimes.timestamp(now));
    assertThat(record.getDomainSpec()).isEqualTo(SPEC);
    assertThat(record.getDisksList())
        .extracting(SnapshotDisk::getMode)
        .containsExactly(
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL,
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED,
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED,
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED);
    assertThat(record.getDisks(0).getFrozen().getPath()).isEqualTo("/i/a.qcow2");
    assertThat(record.getDisks(1).hasFrozen()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "DOMAIN_STATE_RUNNING, SNAPSHOT_CONSISTENCY_CRASH",
    "DOMAIN_STATE_PAUSED, SNAPSHOT_CONSISTENCY_CRASH",
    "DOMAIN_STATE_CRASHED, SNAPSHOT_CONSISTENCY_CRASH",
    "DOMAIN_STATE_SHUT_OFF, SNAPSHOT_CONSISTENCY_SHUT_OFF",
  })
  void onlyADomainThatWasShutOffWasNotRunning(DomainState state, SnapshotConsistency consistency) {
    // R22
    assertThat(plan(request()).record(request().build(), state, Instant.EPOCH).getConsistency())
        .isEqualTo(consistency);
  }

  @Test
  void disksAreNamedOnceAndMustBeWritable() {
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> plan(request().addDisks(excluded("vda")).addDisks(excluded("vda"))));
    refused(
        ErrorReason.ERROR_REASON_DISK_READ_ONLY,
        () -> plan(request().addDisks(overlay("vdc", "/i/over"))));
    refused(
        ErrorReason.ERROR_REASON_DISK_HAS_NO_SOURCE,
        () -> plan(request().addDisks(overlay("vdd", "/i/over"))));
    refused(
        ErrorReason.ERROR_REASON_SNAPSHOT_WITHOUT_DISKS,
        () -> plan(request().addDisks(excluded("vda")).addDisks(excluded("vdb"))));
  }

  @Test
  void newOverlaysMustNotExistNorMeet() {
    // G8
    refused(
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        () -> plan(request().addDisks(overlay("vda", "/i/base"))));
    refused(
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        () -> plan(request().addDisks(overlay("vda", "/i/x/../b.s"))));
    refused(
        ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED,
        () -> plan(request().addDisks(overlay("vda", "/sealed/over"))));
    refused(
        ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
        () -> plan(request().addDisks(overlay("vda", "over"))));
    SnapshotDisk raw =
        overlay("vda", "/i/over").toBuilder()
            .setOverlay(
                Image.newBuilder().setPath("/i/over").setFormat(ImageFormat.IMAGE_FORMAT_RAW))
            .build();
    refused(ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH, () -> plan(request().addDisks(raw)));
  }

  @Test
  void overlaysBroughtAlongStandOnTheActiveImage() {
    // G5, G6
    files
        .chain("/i/good", "/i/a.qcow2", "/i/base")
        .chain("/i/elsewhere", "/i/base")
        .chain("/i/alone")
        .chain("/i/locked", "/i/a.qcow2", "/i/base")
        .readOnly("/i/locked");
    SnapshotPlan plan = plan(reuse("/i/good"));
    assertThat(plan.parts())
        .singleElement()
        .satisfies(part -> assertThat(part.make()).isFalse())
        .extracting(SnapshotPlan.Part::frozen)
        .extracting(ChainImage::getPath)
        .isEqualTo("/i/a.qcow2");
    misplaced("/i/elsewhere", "names '/i/base', and not '/i/a.qcow2'");
    misplaced("/i/alone", "names none, and not '/i/a.qcow2'");
    refused(ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED, () -> plan(reuse("/i/locked")));
    refused(ErrorReason.ERROR_REASON_DESTINATION_MISSING, () -> plan(reuse("/i/none")));
  }

  @Test
  void anOverlayShowsTheGuestADiskOfTheSameSize() { // G5
    files
        .chain("/i/larger", "/i/a.qcow2", "/i/base")
        .size("/i/larger", 2 << 20)
        .chain("/i/rounded", "/i/a.qcow2", "/i/base")
        .size("/i/a.qcow2", (1 << 20) - 100);
    refused(ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID, () -> plan(reuse("/i/larger")));
    assertThat(plan(reuse("/i/rounded")).parts()).hasSize(1);
  }

  @Test
  void nothingIsMadeBesideADevice() { // R9
    files.chain("/dev/vg/a");
    DomainSpec onDevice =
        DomainSpec.newBuilder().setName("guest").addDisks(disk("vda", "/dev/vg/a")).build();
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> SnapshotPlan.of(onDevice, "s", request().build(), files));
    assertThat(
            SnapshotPlan.of(
                    onDevice, "s", request().addDisks(overlay("vda", "/i/over")).build(), files)
                .parts())
        .hasSize(1);
  }

  @Test
  void anImageThatAnotherDiskWritesToHoldsNoMoment() { // R9
    DomainSpec shared = SPEC.toBuilder().addDisks(disk("vde", "/i/../i/a.qcow2")).build();
    assertThat(
            refused(
                    ErrorReason.ERROR_REASON_IMAGE_IN_USE,
                    () ->
                        SnapshotPlan.of(
                            shared, "s", request().addDisks(excluded("vde")).build(), files))
                .metadata())
        .containsEntry("path", "/i/a.qcow2");
    DomainSpec read =
        SPEC.toBuilder().addDisks(disk("vde", "/i/a.qcow2").toBuilder().setReadOnly(true)).build();
    assertThat(SnapshotPlan.of(read, "s", request().build(), files).parts()).hasSize(2);
  }

  @Test
  void anOverlayThatIsKnownAsSomethingElseIsRefused() { // R9
    SnapshotPlan plan = plan(request());
    OverlayRules.requireFree(plan, List.of(domain(SPEC)), List.of(snapshot("/i/a.qcow2")), files);

    assertThat(
            refused(
                ErrorReason.ERROR_REASON_IMAGE_IN_USE,
                () ->
                    OverlayRules.requireFree(
                        plan, List.of(domain(SPEC)), List.of(snapshot("/i/a.s")), files)))
        .hasMessageContaining("of domain 'gone', which was undefined")
        .hasMessageContaining("uuid of-gone");
    DomainSpec there = SPEC.toBuilder().setName("gone").setUuid("of-gone").build();
    assertThat(
            refused(
                ErrorReason.ERROR_REASON_IMAGE_IN_USE,
                () ->
                    OverlayRules.requireFree(
                        plan, List.of(domain(there)), List.of(snapshot("/i/a.s")), files)))
        .hasMessageContaining("of domain 'gone'; choose another path");
    DomainSpec other =
        DomainSpec.newBuilder().setName("other").addDisks(disk("vda", "/i/b.s")).build();
    refused(
        ErrorReason.ERROR_REASON_IMAGE_IN_USE,
        () -> OverlayRules.requireFree(plan, List.of(domain(other)), List.of(), files));
  }

  private static Domain domain(DomainSpec spec) {
    return Domain.newBuilder().setSpec(spec).build();
  }

  private static Snapshot snapshot(String frozen) {
    return Snapshot.newBuilder()
        .setName("old")
        .setDomainName("gone")
        .setDomainUuid("of-gone")
        .addDisks(SnapshotDisk.newBuilder().setFrozen(Image.newBuilder().setPath(frozen)))
        .build();
  }

  private SnapshotPlan plan(CreateSnapshotRequest.Builder request) {
    return SnapshotPlan.of(SPEC, "s", request.build(), files);
  }

  private static CreateSnapshotRequest.Builder request() {
    return CreateSnapshotRequest.newBuilder();
  }

  private static CreateSnapshotRequest.Builder reuse(String path) {
    return request()
        .setReuseExternal(true)
        .addDisks(overlay("vda", path))
        .addDisks(excluded("vdb"));
  }

  private static SnapshotDisk excluded(String target) {
    return SnapshotDisk.newBuilder()
        .setTarget(target)
        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)
        .build();
  }

  private static SnapshotDisk overlay(String target, String path) {
    return SnapshotDisk.newBuilder()
        .setTarget(target)
        .setOverlay(Image.newBuilder().setPath(path))
        .build();
  }

  private static Disk disk(String target, String path) {
    return Disk.newBuilder()
        .setTarget(target)
        .setSource(Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))
        .build();
  }

  private void misplaced(String overlay, String words) {
    assertThatThrownBy(() -> plan(reuse(overlay)))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID))
        .hasMessageContaining(words);
  }
}
