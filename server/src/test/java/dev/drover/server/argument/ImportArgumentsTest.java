package dev.drover.server.argument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.UndefineDomainRequest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** R9: records that clients bring along are whole, and say nothing that is the daemon's to say. */
class ImportArgumentsTest {

  private static final DomainRef WEB = DomainRef.newBuilder().setName("web").build();
  private static final Image IMAGE =
      Image.newBuilder().setPath("/i").setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();

  private final ArgumentRules rules = new ArgumentRules();

  private static Snapshot.Builder record() {
    return Snapshot.newBuilder()
        .setName("one")
        .addDisks(SnapshotDisk.newBuilder().setTarget("vda").setFrozen(IMAGE));
  }

  private static ImportSnapshotRequest request(Snapshot.Builder record) {
    return ImportSnapshotRequest.newBuilder().setDomain(WEB).setSnapshot(record).build();
  }

  private static ImportSnapshotRequest disk(SnapshotDisk.Builder disk) {
    return request(Snapshot.newBuilder().setName("one").addDisks(disk));
  }

  private static ImportSnapshotRequest made(long seconds, int nanos) {
    return request(
        record().setCreateTime(Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos)));
  }

  private static SnapshotDisk.Builder vda() {
    return SnapshotDisk.newBuilder().setTarget("vda");
  }

  private static SnapshotDisk.Builder internal() {
    return vda().setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL);
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of("snapshot.name", request(record().clearName())),
        Arguments.of("snapshot.name", request(record().setName("a/b"))),
        Arguments.of("snapshot.description", request(record().setDescription("x".repeat(4097)))),
        Arguments.of(
            "snapshot.domain_spec",
            request(record().setDomainSpec(DomainSpec.getDefaultInstance()))),
        Arguments.of("rename_from", request(record()).toBuilder().setRenameFrom("one").build()),
        Arguments.of("rename_from", request(record()).toBuilder().setRenameFrom("a/b").build()),
        Arguments.of("snapshot.deleting", request(record().setDeleting(true))),
        Arguments.of("snapshot.create_time", made(253_402_300_800L, 0)),
        Arguments.of("snapshot.create_time", made(-62_135_596_801L, 0)),
        Arguments.of("snapshot.create_time", made(Long.MAX_VALUE, 0)),
        Arguments.of("snapshot.create_time", made(0, -1)),
        Arguments.of("snapshot.create_time", made(0, 1_000_000_000)),
        Arguments.of("snapshot.disks[0].target", disk(vda().clearTarget().setFrozen(IMAGE))),
        Arguments.of(
            "snapshot.disks[1].target", request(record().addDisks(vda().setFrozen(IMAGE)))),
        Arguments.of("snapshot.disks[0].frozen", disk(vda())),
        Arguments.of("snapshot.disks[0].inside", disk(vda().setFrozen(IMAGE).setInside(IMAGE))),
        Arguments.of("snapshot.disks[0]", disk(internal().setFrozen(IMAGE))),
        Arguments.of(
            "snapshot.disks[0].inside.format",
            disk(internal().setInside(IMAGE.toBuilder().clearFormat()))),
        Arguments.of(
            "snapshot.disks[0].frozen.path", disk(vda().setFrozen(IMAGE.toBuilder().clearPath()))),
        Arguments.of(
            "snapshot.disks[0].frozen.format",
            disk(vda().setFrozen(IMAGE.toBuilder().clearFormat()))),
        Arguments.of(
            "snapshot.disks[0].overlay.format",
            disk(vda().setOverlay(IMAGE.toBuilder().clearFormat()))),
        Arguments.of(
            "snapshot.disks[0].mode",
            disk(vda().setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED))),
        Arguments.of(
            "snapshot.disks[0]",
            disk(vda().setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED).setOverlay(IMAGE))),
        Arguments.of(
            "keep_snapshots",
            UndefineDomainRequest.newBuilder()
                .setDomain(WEB)
                .setKeepSnapshots(true)
                .setSnapshotsMetadata(true)
                .build()));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatIsWrongIsNamed(String field, Message request) {
    DriverException refusal =
        catchThrowableOfType(DriverException.class, () -> rules.check(request));
    assertThat(refusal).isNotNull();
    assertThat(refusal.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);
    assertThat(refusal.metadata()).containsEntry("field", field);
  }

  @Test
  void whatIsSoundPasses() {
    assertThatNoException()
        .isThrownBy(
            () -> {
              rules.check(request(record()));
              rules.check(disk(vda().setOverlay(IMAGE)));
              rules.check(request(Snapshot.newBuilder().setName("one")));
              rules.check(disk(internal().setInside(IMAGE)));
              rules.check(
                  UndefineDomainRequest.newBuilder().setDomain(WEB).setKeepSnapshots(true).build());
            });
  }
}
