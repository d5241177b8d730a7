package dev.drover.qemu.image;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** What the file system says about an image file, and does for it. */
public final class ImageFiles {

  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_BLOCK_DEVICE = 0060000;

  private ImageFiles() {}

  /** Whether two paths lead to one file: by links, hard links or another spelling. */
  public static boolean same(String one, String other) {
    if (one.equals(other)) {
      return true;
    }
    try {
      return Files.isSameFile(Path.of(one), Path.of(other));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Makes sure that what was written to a file survives a crash of the host.
   *
   * @throws DriverException JOB_IO_ERROR
   */
  public static void sync(String path) {
    try {
      force(Path.of(path), StandardOpenOption.READ);
    } catch (IOException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_JOB_IO_ERROR,
          "what was written to '%s' cannot be made durable: %s".formatted(path, e.getMessage()),
          "operation",
          "fsync");
    }
  }

  /** Makes sure that a file which was made, and its name, survive a crash of the host. */
  public static void syncNew(Path file) throws IOException {
    force(file, StandardOpenOption.WRITE);
    force(file.resolveSibling(""), StandardOpenOption.READ);
  }

  private static void force(Path path, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  /** Whether a failure's text says that a file system has no room. */
  public static boolean tellsNoSpace(String text) {
    return text.contains("No space left on device") || text.contains("Disk quota exceeded");
  }

  /** Whether the path leads to a block device; false for what does not exist. */
  public static boolean isBlockDevice(Path path) {
    try {
      Map<String, Object> attributes = Files.readAttributes(path, "unix:mode");
      return attributes.get("mode") instanceof Integer mode
          && (mode & TYPE_MASK) == TYPE_BLOCK_DEVICE;
    } catch (IOException e) {
      return false;
    }
  }
}
