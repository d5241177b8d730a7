package dev.drover.qemu.snapshot;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.v1.Image;

/**
 * One disk's part in a snapshot.
 *
 * @param disk the disk as it is before
 * @param overlay where it goes on
 * @param make whether the overlay is to be made, and so is removed when the snapshot fails
 */
record OverlayPlan(DiskGraph disk, Image overlay, boolean make) {

  /** The image that holds the state of the moment. */
  ImageNode frozen() {
    return disk.active();
  }
}
