package dev.drover.qemu.image;

import dev.drover.spi.queue.ImageStores;
import java.nio.file.Path;
import java.util.Optional;

/** Names the store of an image by the device of its file system, as {@code lsblk} shows it. */
public final class ImageDevices implements ImageStores {

  private static final int MAJOR_LOW = 0xfff;
  private static final int MINOR_LOW = 0xff;
  private static final int MAJOR_SHIFT = 8;
  private static final int MAJOR_HIGH_SHIFT = 32;
  private static final int MINOR_HIGH_SHIFT = 12;

  @Override
  public String store(String path) {
    Path image = Path.of(path);
    return FileIdentity.of(image)
        .or(() -> Optional.ofNullable(image.getParent()).flatMap(FileIdentity::of))
        .map(identity -> name(identity.device()))
        .orElse("");
  }

  /** The two numbers of a device, which Linux puts in pieces into one. */
  static String name(long device) {
    long major =
        ((device >>> MAJOR_SHIFT) & MAJOR_LOW) | ((device >>> MAJOR_HIGH_SHIFT) & ~MAJOR_LOW);
    long minor = (device & MINOR_LOW) | ((device >>> MINOR_HIGH_SHIFT) & 0xffff_ff00L);
    return major + ":" + minor;
  }
}
