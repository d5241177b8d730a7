package dev.drover.spi.block;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.Disk;
import dev.drover.v1.ErrorReason;
import java.util.List;

/** Finds the disk a request means: by target, or by an unambiguous source (B1). */
public final class DiskLookup {

  private DiskLookup() {}

  /**
   * The disk of a domain that {@code name} means.
   *
   * @throws DriverException DISK_NOT_FOUND or DISK_AMBIGUOUS
   */
  public static Disk find(String domain, List<Disk> disks, String name) {
    for (Disk disk : disks) {
      if (disk.getTarget().equals(name)) {
        return disk;
      }
    }
    List<Disk> bySource =
        disks.stream()
            .filter(disk -> disk.hasSource() && disk.getSource().getPath().equals(name))
            .toList();
    if (bySource.size() == 1) {
      return bySource.getFirst();
    }
    String targets = String.join(", ", disks.stream().map(Disk::getTarget).toList());
    if (bySource.isEmpty()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DISK_NOT_FOUND,
          "disk '%s' not found in domain '%s'; its disks are: %s"
              .formatted(name, domain, targets.isEmpty() ? "none" : targets),
          "domain",
          domain,
          "disk",
          name);
    }
    String matching = String.join(", ", bySource.stream().map(Disk::getTarget).toList());
    throw DriverException.of(
        ErrorReason.ERROR_REASON_DISK_AMBIGUOUS,
        "source '%s' belongs to several disks of domain '%s' (%s); name the disk by its target"
            .formatted(name, domain, matching),
        "domain",
        domain,
        "disk",
        name,
        "targets",
        matching);
  }

  /**
   * The same, for a disk whose images are looked at.
   *
   * @throws DriverException also DISK_HAS_NO_SOURCE (B5)
   */
  public static Disk findWithSource(String domain, List<Disk> disks, String name) {
    Disk disk = find(domain, disks, name);
    if (!disk.hasSource()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DISK_HAS_NO_SOURCE,
          "disk '%s' of domain '%s' has no source to work on".formatted(disk.getTarget(), domain),
          "domain",
          domain,
          "disk",
          disk.getTarget());
    }
    return disk;
  }

  /**
   * The same, for a disk that a job is to work on.
   *
   * @throws DriverException also DISK_READ_ONLY
   */
  public static Disk findWritable(String domain, List<Disk> disks, String name) {
    Disk disk = findWithSource(domain, disks, name);
    if (disk.getReadOnly()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DISK_READ_ONLY,
          "disk '%s' of domain '%s' is read-only".formatted(disk.getTarget(), domain),
          "domain",
          domain,
          "disk",
          disk.getTarget());
    }
    return disk;
  }
}
