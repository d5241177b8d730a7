package dev.drover.qemu.snapshot;

import dev.drover.spi.snapshot.RestoredMoment;
import dev.drover.spi.snapshot.RevertPlan;
import dev.drover.v1.ChainImage;
import dev.drover.v1.RevertState;
import java.util.List;
import java.util.Optional;

/**
 * A revert that is going to be done.
 *
 * @param jobId its job
 * @param domainUuid the uuid of the domain
 * @param snapshot name of the snapshot that disks go back to
 * @param target state of the domain afterwards
 * @param disks the disks that go back, each to a new overlay
 * @param inside the disks that go back within their images
 * @param moment the memory from which the guest goes on; empty where it starts anew or not at all
 * @param phase how far it is
 * @param overlays the files that were made for it
 */
record RevertIntent(
    String jobId,
    String domainUuid,
    String snapshot,
    RevertState target,
    List<RevertedDisk> disks,
    List<RevertPlan.Inside> inside,
    Optional<RestoredMoment> moment,
    Phase phase,
    MadeOverlays overlays)
    implements SnapshotIntent {

  /** How far a revert is. */
  enum Phase {
    /** Overlays are being made; the domain is as it was, and it goes back from here. */
    PREPARING,
    /** The overlays are complete; the hypervisor is being ended, and it goes forward from here. */
    DECIDED,
    /** The definition names the overlays. What is left is to start. */
    MOVED,
    /**
     * The guest has its memory and is about to run: from here on its disks may be written to, and
     * no other QEMU can take up that memory with them.
     */
    RESTORED
  }

  /**
   * A disk that goes back.
   *
   * @param target target of the disk
   * @param frozen the image that holds the moment
   * @param overlay where the disk goes on above it
   */
  record RevertedDisk(String target, ChainImage frozen, ChainImage overlay) {}

  /** Copies the lists. */
  RevertIntent {
    disks = List.copyOf(disks);
    inside = List.copyOf(inside);
  }

  /** What is recorded of a plan before the first of it is done. */
  static RevertIntent of(RevertPlan plan, String jobId) {
    return new RevertIntent(
        jobId,
        plan.domainUuid(),
        plan.snapshot(),
        plan.target(),
        plan.parts().stream()
            .map(part -> new RevertedDisk(part.target(), part.frozen(), part.overlay()))
            .toList(),
        plan.inside(),
        plan.moment(),
        Phase.PREPARING,
        MadeOverlays.NOT_RECORDED);
  }

  /** The same, further on. */
  RevertIntent at(Phase next) {
    return new RevertIntent(
        jobId, domainUuid, snapshot, target, disks, inside, moment, next, overlays);
  }

  /** The same, once these files are there. */
  RevertIntent having(MadeOverlays made) {
    return new RevertIntent(
        jobId, domainUuid, snapshot, target, disks, inside, moment, phase, made);
  }

  /** Paths of the overlays that are to be made. */
  List<String> toMake() {
    return disks.stream().map(disk -> disk.overlay().getPath()).toList();
  }
}
