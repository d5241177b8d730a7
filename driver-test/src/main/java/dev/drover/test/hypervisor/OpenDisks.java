package dev.drover.test.hypervisor;

import dev.drover.spi.error.DriverException;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.ImageHost;
import dev.drover.v1.Disk;
import dev.drover.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Every disk that is open, and the rule that keeps them apart: an image has one writer or any
 * number of readers. Guarded by the {@link dev.drover.test.clock.WorldLock}.
 */
public final class OpenDisks {

  private final ImageHost images;
  private final List<OpenDisk> open = new ArrayList<>();

  /** Makes the register for a host's files. */
  public OpenDisks(ImageHost images) {
    this.images = images;
  }

  /**
   * Opens a disk that has a source.
   *
   * @throws DriverException as {@link ImageHost#open}, or IMAGE_IN_USE
   */
  public OpenDisk open(String domainUuid, String domainName, Disk disk) {
    List<BlockImage> chain = images.open(disk.getSource().getPath(), disk.getSource().getFormat());
    OpenDisk result = new OpenDisk(domainUuid, domainName, disk, chain);
    for (BlockImage image : chain) {
      boolean writes = result.writes(image);
      requireNone(image, other -> writes ? other.uses(image) : other.writes(image));
    }
    open.add(result);
    return result;
  }

  /** Closes a disk. */
  public void close(OpenDisk disk) {
    open.remove(disk);
  }

  /**
   * Lets a disk write to a further image, as a job does to its destination; until {@link
   * #disclaim}.
   *
   * @throws DriverException IMAGE_IN_USE where another disk has it open
   */
  public void claim(OpenDisk disk, BlockImage image) {
    requireNone(image, other -> other != disk && other.uses(image));
    disk.claim(image);
  }

  /**
   * Checks that nobody but this disk writes to images that are going to be read.
   *
   * @throws DriverException IMAGE_IN_USE
   */
  public void requireReadable(OpenDisk disk, List<BlockImage> chain) {
    for (BlockImage image : chain) {
      requireNone(image, other -> other != disk && other.writes(image));
    }
  }

  /**
   * Refuses an image that is to hold a moment where another domain writes to it.
   *
   * @param domainUuid the domain whose moment it is
   * @throws DriverException IMAGE_IN_USE
   */
  public void requireUnwritten(String domainUuid, BlockImage image) {
    requireNone(image, other -> !other.domainUuid().equals(domainUuid) && other.writes(image));
  }

  /**
   * Refuses an image that any disk has open.
   *
   * @throws DriverException IMAGE_IN_USE
   */
  public void requireUnused(BlockImage image) {
    requireNone(image, other -> other.uses(image));
  }

  /** Ends what {@link #claim} began. */
  public void disclaim(OpenDisk disk) {
    disk.disclaim();
  }

  /** True where any disk has the image open. */
  public boolean used(BlockImage image) {
    return open.stream().anyMatch(disk -> disk.uses(image));
  }

  private void requireNone(BlockImage image, Predicate<OpenDisk> conflicting) {
    open.stream()
        .filter(conflicting)
        .findFirst()
        .ifPresent(
            holder -> {
              throw DriverException.of(
                  ErrorReason.ERROR_REASON_IMAGE_IN_USE,
                  "image '%s' is in use by disk '%s' of domain '%s'; stop that domain first"
                      .formatted(image.path(), holder.target(), holder.domainName()),
                  "path",
                  image.path());
            });
  }
}
