package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.qemu.QemuWorld;
import dev.drover.spi.Snapshots;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.SnapshotMemory;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** G11: a file system with less room than the memory of a guest. Needs the right to mount. */
@Tag("qemu")
@EnabledIf("dev.drover.qemu.block.SmallFileSystem#possible")
class FullMemoryIT {

  private static final int TOO_SMALL = 128;
  private static final int ENOUGH = 64 * 1024;

  @TempDir Path directory;

  @Test
  void memoryThatFindsNoRoomLeavesNothingAndTheGuestGoesOn() {
    try (SmallFileSystem small = new SmallFileSystem(directory.resolve("small"), TOO_SMALL);
        QemuWorld world = new QemuWorld()) {
      world.openDriver();
      world.define(QemuWorld.spec("dom", world.qcow2("one.qcow2")));
      Domain before = world.start("dom");
      Path memory = small.path("memory");
      CreateSnapshotRequest request =
          CreateSnapshotRequest.newBuilder()
              .setDomain(QemuWorld.ref("dom"))
              .setName("one")
              .setMemory(SnapshotMemory.newBuilder().setPath(memory.toString()))
              .build();
      Snapshots snapshots = world.driver().snapshots().orElseThrow();

      assertThatThrownBy(() -> snapshots.create(world.call(), request))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> {
                assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE);
                assertThat(e.metadata()).containsEntry("path", memory.toString());
              });

      assertThat(memory).doesNotExist();
      assertThat(world.images().resolve("one.one")).doesNotExist();
      assertThat(world.get("dom").getSpec()).isEqualTo(before.getSpec());
      assertThat(world.get("dom").getStatus().getState())
          .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
      small.grow(ENOUGH);
      assertThat(snapshots.create(world.call(), request).getSnapshot().getMemory().getSizeBytes())
          .isPositive();
    }
  }
}
