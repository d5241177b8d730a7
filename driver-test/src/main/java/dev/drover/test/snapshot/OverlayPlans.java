package dev.drover.test.snapshot;

import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.error.DriverException;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.ImageHost;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Decides which disks take part in a snapshot and where they go on, before anything changes. */
final class OverlayPlans {

  private final World world;

  OverlayPlans(World world) {
    this.world = world;
  }

  /**
   * Plans a snapshot.
   *
   * @param name name of the snapshot
   * @throws DriverException SNAPSHOT_WITHOUT_DISKS, DISK_NOT_FOUND, DISK_AMBIGUOUS,
   *     DISK_HAS_NO_SOURCE, DISK_READ_ONLY, DESTINATION_EXISTS, DESTINATION_MISSING,
   *     IMAGE_FORMAT_MISMATCH, BACKING_IMAGE_INVALID, IMAGE_IN_USE, PATH_NOT_ALLOWED
   */
  List<OverlayPlan> plan(
      DomainSpec spec, Machine machine, String name, CreateSnapshotRequest request) {
    Map<String, SnapshotDisk> asked = asked(spec, request);
    List<OverlayPlan> result = new ArrayList<>();
    Set<String> overlays = new HashSet<>();
    for (Disk disk : spec.getDisksList()) {
      Optional<SnapshotDisk> wish = Optional.ofNullable(asked.get(disk.getTarget()));
      Optional<OpenDisk> open = machine.disk(disk.getTarget());
      if (open.isPresent() && takesPart(disk, wish)) {
        OverlayPlan plan = plan(open.get(), name, wish, request.getReuseExternal());
        if (!overlays.add(plan.overlay().getPath())) {
          throw exists(plan.overlay().getPath());
        }
        result.add(plan);
      }
    }
    if (result.isEmpty()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_SNAPSHOT_WITHOUT_DISKS,
          "no disk of domain '%s' takes part in the snapshot; leave one in"
              .formatted(spec.getName()),
          "domain",
          spec.getName());
    }
    return result;
  }

  private static Map<String, SnapshotDisk> asked(DomainSpec spec, CreateSnapshotRequest request) {
    Map<String, SnapshotDisk> result = new LinkedHashMap<>();
    for (SnapshotDisk wish : request.getDisksList()) {
      Disk disk =
          wish.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED
              ? DiskLookup.find(spec.getName(), spec.getDisksList(), wish.getTarget())
              : DiskLookup.findWritable(spec.getName(), spec.getDisksList(), wish.getTarget());
      if (result.put(disk.getTarget(), wish) != null) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
            "disk '%s' is named twice in the snapshot; name it once".formatted(disk.getTarget()),
            "field",
            "disks");
      }
    }
    return result;
  }

  private static boolean takesPart(Disk disk, Optional<SnapshotDisk> wish) {
    return wish.map(given -> given.getMode() != SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)
        .orElse(!disk.getReadOnly());
  }

  private OverlayPlan plan(OpenDisk disk, String name, Optional<SnapshotDisk> wish, boolean reuse) {
    String given = wish.map(SnapshotDisk::getOverlay).map(Image::getPath).orElse("");
    String path = given.isEmpty() ? beside(disk.active().path(), name) : given;
    if (!Path.of(path).isAbsolute()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
          "overlay path '%s' is not absolute; write it from the root".formatted(path),
          "path",
          path);
    }
    ImageFormat format =
        wish.map(SnapshotDisk::getOverlay)
            .map(Image::getFormat)
            .orElse(ImageFormat.IMAGE_FORMAT_UNSPECIFIED);
    if (format == ImageFormat.IMAGE_FORMAT_RAW) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH,
          "overlay '%s' cannot be raw, which has no backing image; choose qcow2".formatted(path),
          "path",
          path,
          "format",
          "raw");
    }
    Image overlay =
        Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();
    Optional<BlockImage> existing = world.images().find(path);
    if (reuse) {
      requireReusable(disk, path, existing);
    } else if (existing.isPresent()) {
      throw exists(path);
    }
    return new OverlayPlan(disk, overlay, disk.active());
  }

  private void requireReusable(OpenDisk disk, String path, Optional<BlockImage> existing) {
    BlockImage overlay =
        existing.orElseThrow(
            () ->
                DriverException.of(
                    ErrorReason.ERROR_REASON_DESTINATION_MISSING,
                    "overlay '%s' does not exist; create it or leave out reuse_external"
                        .formatted(path),
                    "path",
                    path));
    if (overlay.format() != ImageFormat.IMAGE_FORMAT_QCOW2) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH,
          "overlay '%s' is %s, not qcow2; create a qcow2 overlay"
              .formatted(path, ImageHost.formatName(overlay.format())),
          "path",
          path,
          "format",
          "qcow2");
    }
    List<BlockImage> chain = world.images().open(path, ImageFormat.IMAGE_FORMAT_QCOW2);
    if (chain.size() < 2 || chain.get(1) != disk.active()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
          "the header of overlay '%s' does not name '%s' as its backing image; create it so"
              .formatted(path, disk.active().path()),
          "path",
          path,
          "backing",
          overlay.header().reference());
    }
    world.disks().claim(disk, overlay);
    world.disks().disclaim(disk);
  }

  /** "/images/disk.qcow2" and "before" make "/images/disk.before". */
  private static String beside(String active, String name) {
    int slash = active.lastIndexOf('/');
    int dot = active.lastIndexOf('.');
    String stem = dot > slash + 1 ? active.substring(0, dot) : active;
    return stem + "." + name;
  }

  private static DriverException exists(String path) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        "overlay '%s' already exists; remove it, choose another path, or set reuse_external"
            .formatted(path),
        "path",
        path);
  }
}
