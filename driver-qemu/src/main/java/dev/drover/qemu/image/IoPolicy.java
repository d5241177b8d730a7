package dev.drover.qemu.image;

import dev.drover.v1.Disk;
import dev.drover.v1.DiskCache;
import dev.drover.v1.DiskDiscard;

/**
 * How a disk's images use the host, the same for every image of the chain.
 *
 * @param direct whether the page cache is bypassed (O_DIRECT)
 * @param unmap whether a discard frees blocks of the image
 */
public record IoPolicy(boolean direct, boolean unmap) {

  /**
   * What {@code domain_spec.proto} says where a disk says nothing: page cache, and freed blocks.
   */
  public static final IoPolicy DEFAULT = new IoPolicy(false, true);

  /** What a disk's spec asks for. */
  public static IoPolicy of(Disk disk) {
    return new IoPolicy(
        disk.getCache() == DiskCache.DISK_CACHE_NONE,
        disk.getDiscard() != DiskDiscard.DISK_DISCARD_IGNORE);
  }
}
