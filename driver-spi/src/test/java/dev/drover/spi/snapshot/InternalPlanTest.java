package dev.drover.spi.snapshot;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotMemory;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R9: which images keep a moment inside themselves, and how disks go back to it. */
class InternalPlanTest {

  private static final DomainSpec SPEC =
      DomainSpec.newBuilder()
          .setName("guest")
          .setUuid("u")
          .addDisks(disk("vda", "/i/a.qcow2"))
          .addDisks(disk("vdb", "/i/b.iso").toBuilder().setReadOnly(true))
          .addDisks(disk("vdc", "/i/c.qcow2"))
          .build();

  private static final Domain DOMAIN =
      Domain.newBuilder()
          .setSpec(SPEC)
          .setStatus(DomainStatus.newBuilder().setPersistent(true))
          .build();

  private final FakeFiles files =
      new FakeFiles().chain("/i/a.qcow2").chain("/i/b.iso").chain("/i/c.qcow2");

  @Test
  void everyWritableImageKeepsIt() {
    InternalPlan plan = plan(request());
    assertThat(plan.paths()).containsExactlyInAnyOrder("/i/a.qcow2", "/i/c.qcow2");
    Snapshot record =
        plan.record(request().build(), DomainState.DOMAIN_STATE_SHUT_OFF, Instant.EPOCH);
    assertThat(record.getConsistency())
        .isEqualTo(SnapshotConsistency.SNAPSHOT_CONSISTENCY_SHUT_OFF);
    assertThat(record.getDisksList())
        .extracting(SnapshotDisk::getMode)
        .containsExactly(
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL,
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED,
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL);
    assertThat(record.hasMemory()).isFalse();
    assertThat(SnapshotKinds.internal(record)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"before, before", "7, #7", "7a, 7a", "1700000000, #1700000000"})
  void digitsAreNotTakenForANumberOfQemus(String name, String tag) {
    assertThat(SnapshotKinds.tag(name)).isEqualTo(tag);
  }

  @Test
  void whatAnImageKeepsAlreadyIsNotWrittenOver() {
    files.keeps("/i/c.qcow2", "s", 0);
    DriverException failure =
        refused(ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS, () -> plan(request()));
    assertThat(failure.metadata()).containsEntry("path", "/i/c.qcow2");
    assertThat(plan(request().addDisks(left("vdc"))).paths()).containsExactly("/i/a.qcow2");
  }

  @Test
  void memoryIsKeptByTheFirstDiskAndNeedsAllOfThem() {
    CreateSnapshotRequest.Builder memory = request().setMemory(SnapshotMemory.getDefaultInstance());
    refused(ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING, () -> plan(memory));
    Domain.Builder running = DOMAIN.toBuilder();
    running.getStatusBuilder().setId(1).setState(DomainState.DOMAIN_STATE_RUNNING);
    InternalPlan plan = InternalPlan.of(running.build(), SPEC, "s", memory.build(), files);
    assertThat(
            plan.record(memory.build(), DomainState.DOMAIN_STATE_RUNNING, Instant.EPOCH)
                .getMemory()
                .getDisk())
        .isEqualTo("vda");
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () ->
            InternalPlan.of(
                running.build(), SPEC, "s", memory.clone().addDisks(left("vdc")).build(), files));
  }

  @Test
  void aTreeIsOfOneKind() {
    Snapshot internal = record();
    Snapshot external =
        Snapshot.newBuilder()
            .setName("e")
            .addDisks(SnapshotDisk.newBuilder().setTarget("vda").setFrozen(image("/i/x")))
            .build();
    SnapshotKinds.requireSame("guest", List.of(), true);
    SnapshotKinds.requireSame("guest", List.of(internal), true);
    SnapshotKinds.requireSame("guest", List.of(external), false);
    assertThat(
            refused(
                    ErrorReason.ERROR_REASON_SNAPSHOT_KIND_CONFLICT,
                    () -> SnapshotKinds.requireSame("guest", List.of(internal), false))
                .metadata())
        .containsEntry("kind", "internal")
        .containsEntry("snapshots", "s");
    assertThat(
            refused(
                    ErrorReason.ERROR_REASON_SNAPSHOT_KIND_CONFLICT,
                    () -> SnapshotKinds.requireSame("guest", List.of(external), true))
                .metadata())
        .containsEntry("kind", "external");
  }

  @Test
  void disksGoBackWithinTheImagesThatKeepIt() {
    refused(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST, () -> revert(DOMAIN, record()));
    files.keeps("/i/a.qcow2", "s", 0).keeps("/i/c.qcow2", "s", 0);
    RevertPlan plan = revert(DOMAIN, record());
    assertThat(plan.parts()).isEmpty();
    assertThat(plan.inside())
        .extracting(disk -> disk.image().getPath())
        .containsExactly("/i/a.qcow2", "/i/c.qcow2");
    assertThat(plan.target()).isEqualTo(RevertState.REVERT_STATE_SHUT_OFF);
    assertThat(plan.moment()).isEmpty();
  }

  @Test
  void aDiskThatIsOnAnotherImageCannotGoBack() {
    files.keeps("/i/a.qcow2", "s", 0).keeps("/i/c.qcow2", "s", 0);
    Domain.Builder moved = DOMAIN.toBuilder();
    moved.getSpecBuilder().setDisks(2, disk("vdc", "/i/other"));
    assertThat(
            refused(
                    ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST,
                    () -> revert(moved.build(), record()))
                .metadata())
        .containsEntry("disk", "vdc");
  }

  @Test
  void aGuestGoesOnWhereItsMemoryIsKept() {
    files.keeps("/i/a.qcow2", "s", 0).keeps("/i/c.qcow2", "s", 0);
    Snapshot memory =
        record().toBuilder()
            .setDomainState(DomainState.DOMAIN_STATE_PAUSED)
            .setMemory(SnapshotMemory.newBuilder().setDisk("vda").setSizeBytes(9))
            .build();
    refused(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST, () -> revert(DOMAIN, memory));
    files.keeps("/i/a.qcow2", "s", 9);
    RevertPlan plan = revert(DOMAIN, memory);
    assertThat(plan.target()).isEqualTo(RevertState.REVERT_STATE_PAUSED);
    assertThat(plan.moment())
        .hasValueSatisfying(moment -> assertThat(moment.memory().getDisk()).isEqualTo("vda"));
  }

  private RevertPlan revert(Domain domain, Snapshot snapshot) {
    return RevertPlan.of(domain, snapshot, RevertSnapshotRequest.getDefaultInstance(), files);
  }

  private static Snapshot record() {
    return Snapshot.newBuilder()
        .setName("s")
        .setDomainName("guest")
        .setDomainUuid("u")
        .setDomainSpec(SPEC)
        .addDisks(kept("vda", "/i/a.qcow2"))
        .addDisks(kept("vdc", "/i/c.qcow2"))
        .build();
  }

  private static SnapshotDisk kept(String target, String path) {
    return SnapshotDisk.newBuilder()
        .setTarget(target)
        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL)
        .setInside(image(path))
        .build();
  }

  private InternalPlan plan(CreateSnapshotRequest.Builder request) {
    return InternalPlan.of(DOMAIN, SPEC, "s", request.build(), files);
  }

  private static CreateSnapshotRequest.Builder request() {
    return CreateSnapshotRequest.newBuilder();
  }

  private static SnapshotDisk.Builder left(String target) {
    return SnapshotDisk.newBuilder()
        .setTarget(target)
        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED);
  }

  private static Image image(String path) {
    return Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();
  }

  private static Disk disk(String target, String path) {
    return Disk.newBuilder().setTarget(target).setSource(image(path)).build();
  }
}
