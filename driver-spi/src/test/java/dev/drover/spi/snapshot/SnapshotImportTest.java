package dev.drover.spi.snapshot;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.ProtoTimes;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobResult;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotMemory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** R9: records of others are held to what a revert needs. */
class SnapshotImportTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final DomainSpec SPEC =
      DomainSpec.newBuilder()
          .setName("guest")
          .setUuid("u")
          .addDisks(disk("vda", "/i/top"))
          .addDisks(disk("vdb", "/i/data"))
          .build();

  private final FakeFiles files = new FakeFiles().chain("/i/top", "/i/mid", "/i/base");
  private final List<Snapshot> known = new ArrayList<>();

  private SnapshotImport check(Snapshot.Builder record) {
    return SnapshotImport.of(
        SPEC, ImportSnapshotRequest.newBuilder().setSnapshot(record).build(), known, files, NOW);
  }

  private SnapshotImport rename(String from, Snapshot.Builder record) {
    return SnapshotImport.of(
        SPEC,
        ImportSnapshotRequest.newBuilder().setSnapshot(record).setRenameFrom(from).build(),
        known,
        files,
        NOW);
  }

  private static Snapshot.Builder record(String name, SnapshotDisk.Builder... disks) {
    Snapshot.Builder result = Snapshot.newBuilder().setName(name);
    for (SnapshotDisk.Builder disk : disks) {
      result.addDisks(disk);
    }
    return result;
  }

  private static SnapshotDisk.Builder held(String frozen) {
    return SnapshotDisk.newBuilder().setTarget("vda").setFrozen(image(frozen));
  }

  private static Image image(String path) {
    return Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();
  }

  private static Disk disk(String target, String path) {
    return Disk.newBuilder().setTarget(target).setSource(image(path)).build();
  }

  @Test
  void aRecordIsMadeWhole() {
    SnapshotImport checked = check(record("one", held("/i/x/../base")));
    Snapshot snapshot = checked.snapshot();
    assertThat(checked.known()).isFalse();
    assertThat(checked.frozenPaths()).containsExactly("/i/base");
    assertThat(snapshot.getDomainName()).isEqualTo("guest");
    assertThat(snapshot.getDomainUuid()).isEqualTo("u");
    assertThat(snapshot.getCreateTime()).isEqualTo(ProtoTimes.timestamp(NOW));
    assertThat(snapshot.getDisksList())
        .extracting(SnapshotDisk::getMode)
        .containsExactly(
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL,
            SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED);
    assertThat(snapshot.getDomainSpec().getDisks(0).getSource()).isEqualTo(image("/i/base"));
    assertThat(snapshot.getDomainSpec().getDisks(1)).isEqualTo(SPEC.getDisks(1));
  }

  @Test
  void theOverlayNamesTheMomentWhereTheRecordDoesNot() {
    assertThat(
            check(record("one", held("/i/x").clearFrozen().setOverlay(image("/i/mid"))))
                .snapshot()
                .getDisks(0)
                .getFrozen())
        .isEqualTo(image("/i/base"));
    refused(
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
        () -> check(record("one", held("/i/x").clearFrozen().setOverlay(image("/i/base")))));
    refused(
        ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND,
        () -> check(record("one", held("/i/x").clearFrozen().setOverlay(image("/i/gone")))));
  }

  @Test
  void whatCannotBeRevertedToIsRefused() {
    refused(ErrorReason.ERROR_REASON_SNAPSHOT_WITHOUT_DISKS, () -> check(record("one")));
    refused(ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND, () -> check(record("one", held("/i/gone"))));
    refused(ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED, () -> check(record("one", held("base"))));
    refused(ErrorReason.ERROR_REASON_IMAGE_IN_USE, () -> check(record("one", held("/i/top"))));
    refused(
        ErrorReason.ERROR_REASON_DISK_NOT_FOUND,
        () -> check(record("one", held("/i/base").setTarget("vdz"))));
    files.chain("/i/other");
    refused(
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
        () -> check(record("one", held("/i/base").setOverlay(image("/i/other")))));
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> check(record("one", held("/i/base")).setDomainUuid("v")));
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> check(record("one", held("/i/base")).setDomainName("other")));
  }

  @Test
  void aLostMomentKeepsItsRecordAndIsNotEnteredAgain() {
    SnapshotDisk.Builder lost =
        held("/i/top")
            .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
            .setOverlay(image("/i/top"))
            .setStateLost(true)
            .setLostByJob("j");
    refused(ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST, () -> check(record("one", lost)));
    refused(
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
        () -> check(record("one", held("/i/top").setOverlay(image("/i/top")))));

    known.add(record("one", lost).build());
    SnapshotImport edited = check(record("one", held("/i/top")).setDescription("why"));

    assertThat(edited.snapshot().getDescription()).isEqualTo("why");
    assertThat(edited.snapshot().getDisksList()).containsExactly(lost.build());
    assertThat(edited.frozenPaths()).isEmpty();
    refused(
        ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS,
        () -> check(record("one", held("/i/mid"))));
    refused(ErrorReason.ERROR_REASON_SNAPSHOT_WITHOUT_DISKS, () -> check(record("one")));
  }

  @Test
  void theTreeStaysATree() {
    refused(
        ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND,
        () -> check(record("two", held("/i/mid")).setParent("one")));
    known.add(check(record("one", held("/i/base"))).snapshot());
    known.add(check(record("two", held("/i/mid")).setParent("one")).snapshot());
    assertThat(known.getLast().getParent()).isEqualTo("one");

    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> check(record("two", held("/i/mid")).setParent("two")));
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> check(record("one", held("/i/base")).setParent("two")));
  }

  @Test
  void aRecordIsReplacedWhereItSaysTheSameOfTheDisks() {
    Snapshot old =
        check(record("one", held("/i/base")).setCreateTime(ProtoTimes.timestamp(Instant.EPOCH)))
            .snapshot();
    known.add(old.toBuilder().setCurrent(true).build());

    SnapshotImport again = check(record("one", held("/i/base")).setDescription("better"));
    assertThat(again.known()).isTrue();
    assertThat(again.snapshot())
        .isEqualTo(old.toBuilder().setCurrent(true).setDescription("better").build());
    refused(
        ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS,
        () -> check(record("one", held("/i/mid"))));
  }

  @Test
  void aRecordTakesThePlaceOfOneOfAnotherName() {
    Snapshot old =
        check(record("one", held("/i/base")).setCreateTime(ProtoTimes.timestamp(Instant.EPOCH)))
            .snapshot()
            .toBuilder()
            .setCurrent(true)
            .setMemory(SnapshotMemory.newBuilder().setPath("/i/memory").setSizeBytes(7))
            .build();
    known.add(old);
    known.add(check(record("two", held("/i/mid")).setParent("one")).snapshot());

    SnapshotImport checked = rename("one", record("uno", held("/i/base")));

    assertThat(checked.replaced()).contains(old);
    assertThat(checked.snapshot()).isEqualTo(old.toBuilder().setName("uno").build());
    refused(
        ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND,
        () -> rename("none", record("uno", held("/i/base"))));
    refused(
        ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS,
        () -> rename("one", record("two", held("/i/base"))));
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> rename("one", record("uno", held("/i/mid"))));
    for (String below : List.of("one", "two")) {
      refused(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          () -> rename("one", record("uno", held("/i/base")).setParent(below)));
    }
  }

  @Test
  void whatIsLostOrGoesOrIsKeptUnderItsNameIsNotRenamed() {
    Snapshot old = check(record("one", held("/i/base"))).snapshot();
    Snapshot.Builder lost = old.toBuilder();
    lost.getDisksBuilder(0).setStateLost(true);
    for (Snapshot gone : List.of(lost.build(), old.toBuilder().setDeleting(true).build())) {
      known.clear();
      known.add(gone);
      refused(
          ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST,
          () -> rename("one", record("uno", held("/i/base"))));
    }
    known.clear();
    known.add(
        record(
                "one",
                SnapshotDisk.newBuilder()
                    .setTarget("vda")
                    .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL)
                    .setInside(image("/i/top")))
            .build());
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> rename("one", record("uno", held("/i/top").clearFrozen())));
  }

  @Test
  void nothingIsEnteredWhileAnotherDomainsCommitMayWriteBelow() {
    SnapshotImport checked = check(record("one", held("/i/mid")));
    Job commit =
        Job.newBuilder()
            .setDomainUuid("other")
            .setKind(JobKind.JOB_KIND_COMMIT)
            .setResult(
                JobResult.newBuilder()
                    .addChainBefore(ChainImage.newBuilder().setPath("/i/theirs"))
                    .addChainBefore(ChainImage.newBuilder().setPath("/i/base")))
            .build();

    refused(
        ErrorReason.ERROR_REASON_IMAGE_IN_USE,
        () -> checked.requireUncommitted(List.of(commit), files));
    refused(
        ErrorReason.ERROR_REASON_IMAGE_IN_USE,
        () ->
            checked.requireUncommitted(
                List.of(commit.toBuilder().setKind(JobKind.JOB_KIND_ACTIVE_COMMIT).build()),
                files));
    checked.requireUncommitted(
        List.of(
            commit.toBuilder().setDomainUuid("u").build(),
            commit.toBuilder().setKind(JobKind.JOB_KIND_PULL).build(),
            commit.toBuilder()
                .setResult(
                    JobResult.newBuilder()
                        .addChainBefore(ChainImage.newBuilder().setPath("/i/theirs")))
                .build()),
        files);
  }

  @Test
  void memoryStaysWithTheRecordThatHasItAndIsTakenFromNobodyElse() {
    SnapshotMemory memory =
        SnapshotMemory.newBuilder().setPath("/i/memory").setSizeBytes(7).build();
    SnapshotMemory named = SnapshotMemory.newBuilder().setPath("/i/memory").build();
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () -> check(record("one", held("/i/base")).setMemory(named)));
    known.add(
        check(record("one", held("/i/base"))).snapshot().toBuilder().setMemory(memory).build());

    assertThat(check(record("one", held("/i/base"))).snapshot().getMemory()).isEqualTo(memory);
    assertThat(check(record("one", held("/i/base")).setMemory(named)).snapshot().getMemory())
        .isEqualTo(memory);
    refused(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        () ->
            check(
                record("one", held("/i/base"))
                    .setMemory(SnapshotMemory.newBuilder().setPath("/i/other"))));
  }
}
