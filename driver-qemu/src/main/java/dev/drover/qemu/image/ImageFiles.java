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
