package dev.drover.qemu.snapshot;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.v1.Snapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * What a snapshot is going to do, written before the first of it is done.
 *
 * @param snapshot the record that is going to be kept
 * @param keepRecord whether it is kept
 * @param disks the disks that move
 */
record SnapshotIntent(Snapshot snapshot, boolean keepRecord, List<MovingDisk> disks) {

  /**
   * A disk that moves to an overlay.
   *
   * @param before the disk before
   * @param overlay the overlay and the names of its nodes
   * @param made whether the overlay's file is ours to remove
   */
  record MovingDisk(DiskGraph before, ImageNode overlay, boolean made) {

    /** The disk above its overlay. */
    DiskGraph after() {
      List<ImageNode> images = new ArrayList<>();
      images.add(overlay);
      images.addAll(before.images());
      return before.withImages(images);
    }
  }

  /** Copies the list. */
  SnapshotIntent {
    disks = List.copyOf(disks);
  }

  /** The uuid of the domain. */
  String domainUuid() {
    return snapshot.getDomainUuid();
  }
}
