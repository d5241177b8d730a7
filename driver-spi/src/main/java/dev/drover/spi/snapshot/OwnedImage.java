package dev.drover.spi.snapshot;

import dev.drover.v1.Image;

/**
 * An image that Drover has made for a snapshot or a revert, and may therefore remove once nothing
 * needs it.
 *
 * @param domainUuid domain for which it was made
 * @param disk target of the disk
 * @param image where it lies
 * @param identity what tells this file from another one put in its place, in the driver's own
 *     words; never empty
 * @param use how a disk came off or onto it
 */
public record OwnedImage(
    String domainUuid, String disk, Image image, String identity, ImageUse use) {

  /** One that has just been made. */
  public OwnedImage(String domainUuid, String disk, Image image, String identity) {
    this(domainUuid, disk, image, identity, ImageUse.UNKNOWN);
  }
}
