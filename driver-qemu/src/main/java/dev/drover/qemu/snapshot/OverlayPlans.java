package dev.drover.qemu.snapshot;

import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Decides which disks take part in a snapshot and where they go on, before anything changes. */
final class OverlayPlans {

  private final ImagePaths paths;
  private final ChainReader chains;

  OverlayPlans(ImagePaths paths, ChainReader chains) {
    this.paths = paths;
    this.chains = chains;
  }

  /**
   * Plans a snapshot.
   *
   * @param spec what the domain runs as, or is defined as where it does not run
   * @param graphs the images of a disk as they are now
   * @param name name of the snapshot
   * @throws DriverException SNAPSHOT_WITHOUT_DISKS, DISK_NOT_FOUND, DISK_AMBIGUOUS,
   *     DISK_HAS_NO_SOURCE, DISK_READ_ONLY, DESTINATION_EXISTS (G8), DESTINATION_MISSING (G6),
   *     IMAGE_NOT_FOUND, IMAGE_ACCESS_DENIED, IMAGE_FORMAT_MISMATCH, BACKING_IMAGE_INVALID,
   *     PATH_NOT_ALLOWED, INVALID_ARGUMENT
   */
  List<OverlayPlan> plan(
      DomainSpec spec,
      Function<Disk, DiskGraph> graphs,
      String name,
      CreateSnapshotRequest request) {
    Map<String, SnapshotDisk> asked = asked(spec, request);
    List<OverlayPlan> plans = new ArrayList<>();
    Set<String> overlays = new HashSet<>();
    for (Disk disk : spec.getDisksList()) {
      Optional<SnapshotDisk> wish = Optional.ofNullable(asked.get(disk.getTarget()));
      if (!takesPart(disk, wish)) {
        continue;
      }
      OverlayPlan plan =
          plan(spec.getName(), graphs.apply(disk), name, wish, request.getReuseExternal());
      if (!overlays.add(plan.overlay().getPath())) {
        throw exists(plan.overlay().getPath());
      }
      plans.add(plan);
    }
    if (plans.isEmpty()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_SNAPSHOT_WITHOUT_DISKS,
          "no disk of domain '%s' takes part in the snapshot; leave one in"
              .formatted(spec.getName()),
          "domain",
          spec.getName());
    }
    return plans;
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

  private OverlayPlan plan(
      String domain, DiskGraph disk, String name, Optional<SnapshotDisk> wish, boolean reuse) {
    String active = disk.active().image().getPath();
    String given = wish.map(SnapshotDisk::getOverlay).map(Image::getPath).orElse("");
    Path path = paths.require(given.isEmpty() ? beside(active, name) : given);
    ImageFormat format =
        wish.map(SnapshotDisk::getOverlay)
            .map(Image::getFormat)
            .orElse(ImageFormat.IMAGE_FORMAT_UNSPECIFIED);
    if (format == ImageFormat.IMAGE_FORMAT_RAW) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH,
          "overlay '%s' cannot be raw, which has no backing image; choose qcow2".formatted(path),
          "path",
          path.toString(),
          "format",
          "raw");
    }
    Image overlay =
        Image.newBuilder()
            .setPath(path.toString())
            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
            .build();
    if (reuse) {
      requireReusable(domain, disk, overlay);
    } else {
      requireNew(path);
    }
    return new OverlayPlan(disk, overlay, !reuse);
  }

  /** G8: what is there must not be overwritten; its directory must take a new file. */
  static void requireNew(Path path) {
    if (Files.exists(path)) {
      throw exists(path.toString());
    }
    Path directory = path.resolveSibling("");
    if (!Files.isDirectory(directory)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND,
          "overlay '%s' cannot be made: its directory does not exist".formatted(path),
          "path",
          path.toString());
    }
    if (!Files.isWritable(directory)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED,
          "overlay '%s' cannot be made: user '%s' may not write to its directory"
              .formatted(path, System.getProperty("user.name")),
          "path",
          path.toString(),
          "access",
          "write");
    }
  }

  /** G5, G6: the caller made the overlay above the active image; its reference is kept (E13). */
  private void requireReusable(String domain, DiskGraph disk, Image overlay) {
    if (!Files.exists(Path.of(overlay.getPath()))) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DESTINATION_MISSING,
          "overlay '%s' does not exist; create it or leave out reuse_external"
              .formatted(overlay.getPath()),
          "path",
          overlay.getPath());
    }
    Chain chain = chains.read(domain, disk.target(), overlay);
    chains.requireWritable(chain.active());
    boolean above =
        chain.images().size() > 1
            && ImageFiles.same(chain.images().get(1).getPath(), disk.active().image().getPath())
            && chain.images().get(1).getFormat() == disk.active().image().getFormat();
    if (!above) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
          "the header of overlay '%s' does not name '%s' as its backing image; create it so"
              .formatted(overlay.getPath(), disk.active().image().getPath()),
          "path",
          overlay.getPath(),
          "backing",
          chain.active().getBackingReference());
    }
  }

  /** "/images/disk.qcow2" and "before" make "/images/disk.before". */
  static String beside(String image, String name) {
    int slash = image.lastIndexOf('/');
    int dot = image.lastIndexOf('.');
    String stem = dot > slash + 1 ? image.substring(0, dot) : image;
    return stem + "." + name;
  }

  static DriverException exists(String path) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        "overlay '%s' already exists; remove it, choose another path, or set reuse_external"
            .formatted(path),
        "path",
        path);
  }
}
