package dev.drover.test.snapshot;

import dev.drover.spi.error.DriverException;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.Clusters;
import dev.drover.test.model.ImageHeader;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SnapshotMemory;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Files of the test host that hold the memory of guests, a cluster for each byte of it, so that
 * whoever reads two of them sees whether two memories were the same. Under the {@link
 * dev.drover.test.clock.WorldLock}.
 */
final class MemoryFiles {

  /** Size of such a file in bytes. */
  static final long SIZE_BYTES = Clusters.bytes(Long.BYTES);

  private final World world;

  MemoryFiles(World world) {
    this.world = world;
  }

  /**
   * Makes a file that holds a memory.
   *
   * @throws DriverException DESTINATION_EXISTS or NO_SPACE; no file was made then
   */
  BlockImage write(String path, long memory) {
    BlockImage file =
        world.images().create(path, ImageFormat.IMAGE_FORMAT_RAW, SIZE_BYTES, ImageHeader.NONE);
    for (int place = 0; place < Long.BYTES; place++) {
      if (!file.write(place, (int) (memory >>> (place * Byte.SIZE)) & 0xff)) {
        world.images().delete(file);
        throw DriverException.of(
            ErrorReason.ERROR_REASON_NO_SPACE,
            "no space is left for the memory in '%s'".formatted(path),
            "path",
            path);
      }
    }
    return file;
  }

  /** The memory in a file; empty where it is not there in its whole length. */
  OptionalLong read(SnapshotMemory memory) {
    return world
        .images()
        .find(memory.getPath())
        .filter(file -> file.virtualSizeBytes() == memory.getSizeBytes())
        .map(MemoryFiles::read)
        .orElse(OptionalLong.empty());
  }

  private static OptionalLong read(BlockImage file) {
    long memory = 0;
    for (int place = 0; place < Long.BYTES; place++) {
      OptionalInt value = file.content(place);
      if (value.isEmpty()) {
        return OptionalLong.empty();
      }
      memory |= (long) value.getAsInt() << (place * Byte.SIZE);
    }
    return OptionalLong.of(memory);
  }
}
