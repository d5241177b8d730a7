package dev.drover.qemu.snapshot;

import dev.drover.qemu.image.CheckedFile;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A disk that moves to an overlay.
 *
 * @param before the disk before
 * @param overlay the overlay and the names of its nodes
 * @param made whether the overlay's file is ours to remove
 * @param checked the overlay's file where it was there already; not recorded
 */
record MovingDisk(
    DiskGraph before, ImageNode overlay, boolean made, Optional<CheckedFile> checked) {

  /** The disk above its overlay. */
  DiskGraph after() {
    List<ImageNode> images = new ArrayList<>();
    images.add(overlay);
    images.addAll(before.images());
    return before.withImages(images);
  }
}
