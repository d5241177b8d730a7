package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.drover.qemu.QemuWorld;
import dev.drover.spi.Snapshots;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** R3: deletions of snapshots on a file system that is full. Needs the right to mount. */
@Tag("qemu")
@EnabledIf("dev.drover.qemu.block.SmallFileSystem#possible")
class DeletionRoomIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int TOO_SMALL = 3 * 1024;
  private static final int ENOUGH = 16 * 1024;

  private final QemuWorld world = new QemuWorld();

  @AfterEach
  void endEveryQemu() {
    world.close();
  }

  @Test
  void aDeletionWithoutRoomIsRefusedBeforeAnythingChanges() {
    try (SmallFileSystem small = small()) {
      Path base = baseIn(small);
      Path overlay = snapshot(base);
      write(overlay, 2);
      world.program("fallocate", "-l", "1M", small.path("other").toString());

      assertThatThrownBy(() -> snapshots().delete(world.call(), request()))
          .hasMessageContainingAll(
              "'vda'",
              "'dom'",
              "2097152 bytes",
              "'%s'".formatted(base),
              "images/small (",
              "make room there")
          .asInstanceOf(InstanceOfAssertFactories.type(DriverException.class))
          .extracting(DriverException::reason)
          .isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE);

      assertThat(snapshots().list(QemuWorld.ref("dom")))
          .singleElement()
          .extracting(Snapshot::getDeleting)
          .isEqualTo(false);
      assertThat(world.driver().jobs().orElseThrow().list()).isEmpty();
      small.grow(ENOUGH);
      requireDeleted();
      assertThat(overlay).doesNotExist();
    }
  }

  @Test
  void whatIsInBothImagesNeedsNoRoom() {
    try (SmallFileSystem small = small()) {
      Path base = baseIn(small);
      write(base, 2);
      Path overlay = snapshot(base);
      write(overlay, 2);
      small.fill();

      requireDeleted();

      assertThat(overlay).doesNotExist();
    }
  }

  private SmallFileSystem small() {
    return new SmallFileSystem(world.images().resolve("small"), TOO_SMALL);
  }

  /** An image of a disk of 8 MiB, with less than 3 MiB left beside it. */
  private Path baseIn(SmallFileSystem small) {
    Path base = small.path("base.qcow2");
    world.program("qemu-img", "create", "-q", "-f", "qcow2", base.toString(), "8M");
    world.openDriver();
    world.define(QemuWorld.spec("dom", base));
    return base;
  }

  private Path snapshot(Path base) {
    Path overlay = world.images().resolve("overlay.qcow2");
    var _ =
        snapshots()
            .create(
                world.call(),
                CreateSnapshotRequest.newBuilder()
                    .setDomain(QemuWorld.ref("dom"))
                    .setName("one")
                    .addDisks(
                        SnapshotDisk.newBuilder()
                            .setTarget("vda")
                            .setOverlay(Image.newBuilder().setPath(overlay.toString())))
                    .build());
    assertThat(base).exists();
    return overlay;
  }

  private void write(Path image, int mebibytes) {
    world.program(
        "qemu-io", "-f", "qcow2", "-c", "write -P 7 1M %dM".formatted(mebibytes), image.toString());
  }

  private void requireDeleted() {
    Job begun = snapshots().delete(world.call(), request());
    await()
        .atMost(PATIENCE)
        .until(() -> JobTransitions.terminal(job(begun).getState()) || job(begun).getBlocked());
    assertThat(job(begun).getState())
        .as(job(begun).toString())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(snapshots().list(QemuWorld.ref("dom"))).isEmpty();
  }

  private Job job(Job begun) {
    return world.driver().jobs().orElseThrow().get(begun.getId()).orElseThrow();
  }

  private Snapshots snapshots() {
    return world.driver().snapshots().orElseThrow();
  }

  private static DeleteSnapshotRequest request() {
    return DeleteSnapshotRequest.newBuilder()
        .setDomain(QemuWorld.ref("dom"))
        .setName("one")
        .build();
  }
}
