package dev.drover.spi.snapshot;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.List;
import java.util.stream.Stream;

/**
 * What keeps a snapshot from being made although its own disks would allow it: what it writes to
 * from then on belongs to something else that is known, so that this or the snapshot could not be
 * reverted to or deleted later (R9).
 */
public final class OverlayRules {

  private OverlayRules() {}

  /**
   * Refuses overlays that are the disk of a domain or hold the moment of a snapshot, be it that
   * their files are there or are missing at the moment.
   *
   * @param domains every domain
   * @param snapshots every snapshot
   * @throws DriverException IMAGE_IN_USE
   */
  public static void requireFree(
      SnapshotPlan plan, List<Domain> domains, List<Snapshot> snapshots, SnapshotFiles files) {
    for (SnapshotPlan.Part part : plan.parts()) {
      String overlay = part.overlay().getPath();
      for (Domain domain : domains) {
        specs(domain)
            .flatMap(spec -> spec.getDisksList().stream())
            .filter(disk -> disk.hasSource() && isAt(disk.getSource().getPath(), part, files))
            .findFirst()
            .ifPresent(
                disk -> {
                  throw inUse(
                      overlay,
                      "disk '%s' of domain '%s' is on it"
                          .formatted(disk.getTarget(), domain.getSpec().getName()));
                });
      }
      for (Snapshot snapshot : snapshots) {
        snapshot.getDisksList().stream()
            .filter(SnapshotDisk::hasFrozen)
            .filter(disk -> isAt(disk.getFrozen().getPath(), part, files))
            .findFirst()
            .ifPresent(
                disk -> {
                  throw inUse(
                      overlay,
                      "it holds disk '%s' of snapshot '%s' of %s"
                          .formatted(disk.getTarget(), snapshot.getName(), of(snapshot, domains)));
                });
      }
    }
  }

  /** Records that outlive their domain's definition are shown nowhere else. */
  private static String of(Snapshot snapshot, List<Domain> domains) {
    boolean defined =
        domains.stream()
            .anyMatch(domain -> domain.getSpec().getUuid().equals(snapshot.getDomainUuid()));
    return "domain '%s'".formatted(snapshot.getDomainName())
        + (defined
            ? ""
            : ", which was undefined with its records kept: define a domain with uuid %s to see them"
                .formatted(snapshot.getDomainUuid()));
  }

  /**
   * Refuses a disk whose image another disk of the domain writes to: it would go on changing and
   * hold no moment.
   *
   * @param image path of the image that the disk is on
   * @throws DriverException IMAGE_IN_USE
   */
  static void requireAlone(DomainSpec spec, Disk disk, String image, SnapshotFiles files) {
    for (Disk other : spec.getDisksList()) {
      boolean writes =
          !other.getTarget().equals(disk.getTarget()) && other.hasSource() && !other.getReadOnly();
      if (writes && files.same(other.getSource().getPath(), image)) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_IMAGE_IN_USE,
            "image '%s' cannot hold a moment: disks '%s' and '%s' of domain '%s' both write to it; give each an image of its own"
                .formatted(image, disk.getTarget(), other.getTarget(), spec.getName()),
            "path",
            image);
      }
    }
  }

  /**
   * Whether an overlay is the file at a path. One that does not exist yet can be told by its path
   * alone, so that no file of another domain is looked at, whose storage may hang (R4).
   */
  private static boolean isAt(String path, SnapshotPlan.Part part, SnapshotFiles files) {
    String overlay = part.overlay().getPath();
    return part.make() ? path.equals(overlay) : files.same(path, overlay);
  }

  private static Stream<DomainSpec> specs(Domain domain) {
    return Stream.of(domain.getSpec(), domain.getStatus().getLiveSpec());
  }

  private static DriverException inUse(String overlay, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_IMAGE_IN_USE,
        "overlay '%s' cannot be used: %s; choose another path".formatted(overlay, why),
        "path",
        overlay);
  }
}
