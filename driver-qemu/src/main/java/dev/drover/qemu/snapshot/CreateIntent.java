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

  /** The same once the memory is in its file, which is this many bytes long. */
  CreateIntent withMemoryOf(long bytes) {
    Snapshot.Builder taken = snapshot.toBuilder();
    taken.getMemoryBuilder().setSizeBytes(bytes);
    return new CreateIntent(taken.build(), keepRecord, disks);
  }

  /** Whether the disks may have moved: never before all memory was on record. */
  boolean memoryComplete() {
    return !snapshot.hasMemory() || snapshot.getMemory().getSizeBytes() > 0;
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
