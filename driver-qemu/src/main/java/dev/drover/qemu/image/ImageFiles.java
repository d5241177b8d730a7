package dev.drover.qemu.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What the file system says about an image file. */
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
