package dev.drover.spi.block;

import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Image;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Moves disks of a spec to other images, as jobs, snapshots and reverts do (R8). */
public final class DiskSources {

  private DiskSources() {}

  /**
   * The spec with one disk moved. A disk that was given another image meanwhile, in a definition
   * for the next start, keeps it.
   *
   * @param from the image the disk moves away from
   */
  public static DomainSpec moved(DomainSpec spec, String target, Image from, Image to) {
    DomainSpec.Builder builder = spec.toBuilder();
    for (Disk.Builder disk : builder.getDisksBuilderList()) {
      if (disk.getTarget().equals(target) && disk.getSource().equals(from)) {
        disk.setSource(to);
      }
    }
    return builder.build();
  }

  /**
   * The spec with other images, whatever its disks are on.
   *
   * @param images the new images by the targets of their disks
   */
  public static DomainSpec replaced(DomainSpec spec, Map<String, Image> images) {
    DomainSpec.Builder builder = spec.toBuilder();
    for (Disk.Builder disk : builder.getDisksBuilderList()) {
      Image image = images.get(disk.getTarget());
      if (image != null) {
        disk.setSource(image);
      }
    }
    return builder.build();
  }

  /** Paths of the images that disks of a spec are on. */
  public static List<String> paths(DomainSpec spec, Set<String> targets) {
    return spec.getDisksList().stream()
        .filter(disk -> targets.contains(disk.getTarget()))
        .map(disk -> disk.getSource().getPath())
        .toList();
  }
}
