package dev.drover.qemu.snapshot;

import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import java.util.List;

/**
 * A snapshot that is going to be made.
 *
 * @param snapshot the record that is going to be kept
 * @param keepRecord whether it is kept
 * @param disks the disks that move
 */
record CreateIntent(Snapshot snapshot, boolean keepRecord, List<MovingDisk> disks)
    implements SnapshotIntent {

  /** Copies the list. */
  CreateIntent {
    disks = List.copyOf(disks);
  }

  /** The same, to be kept with this consistency. */
  CreateIntent reaching(SnapshotConsistency consistency) {
    return new CreateIntent(
        snapshot.toBuilder().setConsistency(consistency).build(), keepRecord, disks);
  }

  @Override
  public String domainUuid() {
    return snapshot.getDomainUuid();
  }
}
