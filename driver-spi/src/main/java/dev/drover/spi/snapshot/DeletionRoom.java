package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.SnapshotPlan;
import dev.drover.v1.SnapshotStep;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Looks before a deletion whether there is room for what its merges write (R3): one that runs out
 * of it on its way stands still with half of the disks done. What a merge writes is no more than
 * what it moves, and no more than the image into which it goes still lacks of the whole disk.
 * Images that have been merged are gone when the next merge begins.
 */
final class DeletionRoom {

  private final DeletionWork work;
  private final Domain domain;
  private final Map<String, Long> free = new HashMap<>();

  private DeletionRoom(DeletionWork work, Domain domain) {
    this.work = work;
    this.domain = domain;
  }

  /**
   * Refuses a plan that does not fit.
   *
   * @throws DriverException NO_SPACE
   */
  static void require(DeletionWork work, Domain domain, SnapshotPlan plan) {
    DeletionRoom room = new DeletionRoom(work, domain);
    for (SnapshotStep step : plan.getStepsList()) {
      if (step.hasInto() && step.getBytesToMove() > 0) {
        room.merge(step);
      }
    }
  }

  private void merge(SnapshotStep step) {
    Optional<Room> room = work.room(step.getInto().getPath());
    if (room.isEmpty()) {
      return;
    }
    String fileSystem = room.get().fileSystem();
    long left = free.computeIfAbsent(fileSystem, _ -> room.get().freeBytes());
    long needed = Math.min(step.getBytesToMove(), lacking(step));
    if (needed > left) {
      // What both hold takes no more room, and who deletes snapshots may do it for want of that.
      needed =
          Math.min(
              needed, work.growth(step.getImagesList(), step.getInto()).orElse(Long.MAX_VALUE));
    }
    if (needed > left) {
      throw noSpace(step, fileSystem, needed, left);
    }
    boolean givenBack =
        step.getImagesList().stream()
            .map(Image::getPath)
            .allMatch(
                path ->
                    work.room(path).map(Room::fileSystem).filter(fileSystem::equals).isPresent());
    free.put(fileSystem, left - needed + (givenBack ? step.getBytesToMove() : 0));
  }

  /** What an image that held the whole disk would take more than this one does. */
  private long lacking(SnapshotStep step) {
    return work.stored(domain, step.getDisk(), step.getInto())
        .map(Chain::active)
        .map(DeletionRoom::lacking)
        .orElse(Long.MAX_VALUE);
  }

  private static long lacking(ChainImage into) {
    return Math.max(0, into.getVirtualSizeBytes() - into.getAllocatedBytes());
  }

  private DriverException noSpace(SnapshotStep step, String fileSystem, long needed, long left) {
    String name = domain.getSpec().getName();
    return DriverException.of(
        ErrorReason.ERROR_REASON_NO_SPACE,
        ("disk '%s' of domain '%s' needs up to %d bytes in '%s' for what is merged there, and %s"
             + " has %d free; nothing was changed: make room there and repeat the call, or forget"
             + " the record alone with metadata_only")
            .formatted(step.getDisk(), name, needed, step.getInto().getPath(), fileSystem, left),
        "path",
        step.getInto().getPath(),
        "domain",
        name,
        "disk",
        step.getDisk(),
        "needed_bytes",
        Long.toString(needed),
        "free_bytes",
        Long.toString(left));
  }
}
