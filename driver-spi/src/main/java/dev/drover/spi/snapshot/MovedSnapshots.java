package dev.drover.spi.snapshot;

import dev.drover.v1.Disk;
import dev.drover.v1.Image;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.util.Set;

/** What becomes of a snapshot's record when images are merged. */
final class MovedSnapshots {

  private MovedSnapshots() {}

  /** The record where what was in one image is in another one now. */
  static Snapshot moved(Snapshot snapshot, String disk, Image from, Image into) {
    Snapshot.Builder builder = snapshot.toBuilder();
    for (SnapshotDisk.Builder part : builder.getDisksBuilderList()) {
      if (part.getTarget().equals(disk)) {
        if (part.hasFrozen() && isAt(part.getFrozen(), from)) {
          part.setFrozen(into);
        }
        if (part.hasOverlay() && isAt(part.getOverlay(), from)) {
          part.setOverlay(into);
        }
      }
    }
    if (builder.hasDomainSpec()) {
      for (Disk.Builder source : builder.getDomainSpecBuilder().getDisksBuilderList()) {
        if (source.getTarget().equals(disk) && isAt(source.getSource(), from)) {
          source.setSource(into);
        }
      }
    }
    return builder.build();
  }

  /**
   * The record of a snapshot whose deletion has ended before everything was done.
   *
   * @param gone images that no longer hold what they held, by disk and path, and moments that
   *     images have let go of, as {@link #discarded} names them
   */
  static Snapshot left(Snapshot snapshot, Set<String> gone) {
    Snapshot.Builder builder = snapshot.toBuilder().setDeleting(false);
    for (SnapshotDisk.Builder part : builder.getDisksBuilderList()) {
      if (part.hasFrozen() && gone.contains(part.getTarget() + ":" + part.getFrozen().getPath())) {
        part.clearFrozen().setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED);
      }
      if (part.hasInside() && gone.contains(discarded(part.getTarget(), snapshot.getName()))) {
        part.clearInside().setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED);
        if (builder.getMemory().getDisk().equals(part.getTarget())) {
          builder.clearMemory();
        }
      }
      if (part.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_MERGED) {
        builder.setDeleting(true);
      }
    }
    if (!snapshot.getMemory().getPath().isEmpty()
        && gone.contains(MemoryPlan.NO_DISK + ":" + builder.getMemory().getPath())) {
      builder.clearMemory().setDeleting(true);
    }
    return builder.build();
  }

  /** That the image of a disk has let go of a snapshot's moment; no path looks like it. */
  static String discarded(String disk, String snapshot) {
    return disk + "@" + snapshot;
  }

  private static boolean isAt(Image image, Image other) {
    return image.getPath().equals(other.getPath());
  }
}
