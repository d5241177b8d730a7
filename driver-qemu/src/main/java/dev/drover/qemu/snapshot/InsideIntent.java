package dev.drover.qemu.snapshot;

import dev.drover.spi.snapshot.SnapshotKinds;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import dev.drover.v1.SnapshotDisk;
import java.util.List;

/**
 * An internal snapshot that is going to be made. Its images tell whether it has been: it is there
 * where all of them keep it.
 *
 * @param snapshot the record that is going to be kept
 */
record InsideIntent(Snapshot snapshot) implements SnapshotIntent {

  /** The disks that take part. */
  List<SnapshotDisk> disks() {
    return snapshot.getDisksList().stream().filter(SnapshotDisk::hasInside).toList();
  }

  /** What the images call it. */
  String tag() {
    return SnapshotKinds.tag(snapshot.getName());
  }

  /** The same, with the size of its memory. */
  InsideIntent withMemoryOf(long bytes) {
    Snapshot.Builder taken = snapshot.toBuilder();
    taken.getMemoryBuilder().setSizeBytes(bytes);
    return new InsideIntent(taken.build());
  }

  /** The same, to be kept with this consistency. */
  InsideIntent reaching(SnapshotConsistency consistency) {
    return new InsideIntent(snapshot.toBuilder().setConsistency(consistency).build());
  }

  @Override
  public String domainUuid() {
    return snapshot.getDomainUuid();
  }
}
