package dev.drover.qemu.block;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** A block device of the host on top of a file; only root can have one. */
final class LoopDevice implements AutoCloseable {

  private final Path device;

  /** Makes a device of this size whose bytes are in a file that is made here. */
  LoopDevice(Path file, long sizeBytes) {
    try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
      made.setLength(sizeBytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.device =
        Path.of(TestImages.run(List.of("losetup", "--find", "--show", file.toString())).strip());
  }

  /** Path of the device. */
  Path path() {
    return device;
  }

  @Override
  public void close() {
    TestImages.run(List.of("losetup", "--detach", device.toString()));
  }
}
