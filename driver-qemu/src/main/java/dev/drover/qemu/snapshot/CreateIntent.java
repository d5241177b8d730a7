package dev.drover.qemu.snapshot;

import dev.drover.qemu.block.PlannedCopy;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import java.util.List;

/**
 * A snapshot that is going to be made.
 *
 * @param snapshot the record that is going to be kept
 * @param keepRecord whether it is kept
 * @param disks the disks that move
 * @param copies the copies whose jobs go on record with the snapshot (G12)
 * @param overlays the files that were made for it
 */
record CreateIntent(
    Snapshot snapshot,
    boolean keepRecord,
    List<MovingDisk> disks,
    List<PlannedCopy> copies,
    MadeOverlays overlays)
    implements SnapshotIntent {

  /** Copies the lists. */
  CreateIntent {
    disks = List.copyOf(disks);
    copies = List.copyOf(copies);
  }

  /** The same once the memory is in its file, which is this many bytes long. */
  CreateIntent withMemoryOf(long bytes) {
    Snapshot.Builder taken = snapshot.toBuilder();
    taken.getMemoryBuilder().setSizeBytes(bytes);
    return new CreateIntent(taken.build(), keepRecord, disks, copies, overlays);
  }

  /** Whether the disks may have moved: never before all memory was on record. */
  boolean memoryComplete() {
    return !snapshot.hasMemory() || snapshot.getMemory().getSizeBytes() > 0;
  }

  /** The same, to be kept with this consistency. */
  CreateIntent reaching(SnapshotConsistency consistency) {
    return new CreateIntent(
        snapshot.toBuilder().setConsistency(consistency).build(),
        keepRecord,
        disks,
        copies,
        overlays);
  }

  /** The same, once these files are there. */
  CreateIntent having(MadeOverlays made) {
    return new CreateIntent(snapshot, keepRecord, disks, copies, made);
  }

  /** Paths of the overlays that are to be made. */
  List<String> toMake() {
    return disks.stream()
        .filter(MovingDisk::made)
        .map(disk -> disk.overlay().image().getPath())
        .toList();
  }

  /** Paths of the images that hold the moment. */
  List<String> frozen() {
    return disks.stream().map(disk -> disk.before().active().image().getPath()).toList();
  }

  /** Paths of the overlays that were there already. */
  List<String> given() {
    return disks.stream()
        .filter(disk -> !disk.made())
        .map(disk -> disk.overlay().image().getPath())
        .toList();
  }

  @Override
  public String domainUuid() {
    return snapshot.getDomainUuid();
  }
}
