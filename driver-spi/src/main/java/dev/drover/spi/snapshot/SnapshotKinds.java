package dev.drover.spi.snapshot;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotKind;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Whether snapshots are internal or external, and that those of a domain are of one kind. An image
 * that kept moments inside itself and held others for the overlays above it could not let go of
 * either in any order, so what could not be reverted to or deleted later is not made (R9).
 */
public final class SnapshotKinds {

  private SnapshotKinds() {}

  /** Whether a snapshot is kept inside the images of its disks. */
  public static boolean internal(Snapshot snapshot) {
    return snapshot.getDisksList().stream().anyMatch(SnapshotDisk::hasInside);
  }

  /** Whether an internal snapshot is asked for. */
  public static boolean internal(CreateSnapshotRequest request) {
    return request.getKind() == SnapshotKind.SNAPSHOT_KIND_INTERNAL;
  }

  /**
   * What an image calls the moment of a snapshot. QEMU takes digits for its own number of a moment
   * before it takes them for a name, so such a name gets a sign that no name begins with.
   */
  public static String tag(String snapshot) {
    return snapshot.chars().allMatch(c -> c >= '0' && c <= '9') ? "#" + snapshot : snapshot;
  }

  /**
   * Refuses a snapshot where the domain has some of the other kind.
   *
   * @param domain name of the domain
   * @param all the snapshots that it has
   * @param internal the kind that is to be added
   * @throws DriverException SNAPSHOT_KIND_CONFLICT
   */
  public static void requireSame(String domain, List<Snapshot> all, boolean internal) {
    List<Snapshot> others =
        all.stream().filter(snapshot -> internal(snapshot) != internal).toList();
    if (others.isEmpty()) {
      return;
    }
    String names = others.stream().map(Snapshot::getName).collect(Collectors.joining(","));
    String there = internal ? "external" : "internal";
    throw DriverException.of(
        ErrorReason.ERROR_REASON_SNAPSHOT_KIND_CONFLICT,
        "domain '%s' has %s snapshots (%s), and its tree holds one kind only; make an %s snapshot, or delete those first"
            .formatted(domain, there, names, there),
        "domain",
        domain,
        "kind",
        there,
        "snapshots",
        names);
  }
}
