package dev.drover.spi.snapshot;

import dev.drover.spi.ProtoTimes;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.block.PathLimits;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Which disks take part in a snapshot and where they go on, decided before anything changes
 * (section 1G).
 *
 * @param name name of the snapshot
 * @param spec what the domain runs as, or is defined as where it does not run
 * @param parts the disks that take part, in the order of the spec
 */
public record SnapshotPlan(String name, DomainSpec spec, List<Part> parts) {

  private static final long SECTOR = 512;

  /**
   * A disk that takes part.
   *
   * @param target target of the disk
   * @param frozen the image it is on, which will hold the moment
   * @param overlay where it goes on
   * @param make whether the overlay is to be made, and so to be removed when the snapshot fails
   */
  public record Part(String target, ChainImage frozen, Image overlay, boolean make) {}

  /** Copies the list. */
  public SnapshotPlan {
    parts = List.copyOf(parts);
  }

  /** Paths of the images that will hold the moment. */
  public List<String> frozen() {
    return parts.stream().map(part -> part.frozen().getPath()).toList();
  }

  /** Paths of the overlays that are there already. */
  public List<String> given() {
    return parts.stream()
        .filter(part -> !part.make())
        .map(part -> part.overlay().getPath())
        .toList();
  }

  /**
   * Plans a snapshot.
   *
   * @param spec what the domain runs as, or is defined as where it does not run
   * @param name name of the snapshot
   * @throws DriverException SNAPSHOT_WITHOUT_DISKS, DISK_NOT_FOUND, DISK_AMBIGUOUS,
   *     DISK_HAS_NO_SOURCE, DISK_READ_ONLY, DESTINATION_EXISTS (G8), DESTINATION_MISSING (G6),
   *     IMAGE_FORMAT_MISMATCH, BACKING_IMAGE_INVALID, IMAGE_IN_USE (another disk writes to the
   *     image that would hold the moment), INVALID_ARGUMENT, and those of {@link SnapshotFiles}
   */
  public static SnapshotPlan of(
      DomainSpec spec, String name, CreateSnapshotRequest request, SnapshotFiles files) {
    Map<String, SnapshotDisk> asked = asked(spec, request);
    List<Part> parts = new ArrayList<>();
    Set<String> overlays = new HashSet<>();
    for (Disk disk : spec.getDisksList()) {
      Optional<SnapshotDisk> wish = Optional.ofNullable(asked.get(disk.getTarget()));
      if (takesPart(disk, wish)) {
        Part part = part(disk, name, wish, request.getReuseExternal(), files);
        OverlayRules.requireAlone(spec, disk, part.frozen().getPath(), files);
        if (!overlays.add(part.overlay().getPath())) {
          throw meets(part.overlay().getPath(), disk.getTarget());
        }
        parts.add(part);
      }
    }
    if (parts.isEmpty()) {
      throw withoutDisks(spec.getName());
    }
    return new SnapshotPlan(name, spec, parts);
  }

  static DriverException withoutDisks(String domain) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_SNAPSHOT_WITHOUT_DISKS,
        "no disk of domain '%s' takes part in the snapshot; leave one in".formatted(domain),
        "domain",
        domain);
  }

  /** Paths of the images that will hold the moment. */
  public Set<String> frozenPaths() {
    return parts.stream().map(part -> part.frozen().getPath()).collect(Collectors.toSet());
  }

  /**
   * The record of the snapshot, without its place among the others.
   *
   * @param state state of the domain at the moment
   * @param time the moment
   */
  public Snapshot record(CreateSnapshotRequest request, DomainState state, Instant time) {
    return record(spec, name, request, state, time, this::takenOf).build();
  }

  private Optional<SnapshotDisk> takenOf(Disk disk) {
    return parts.stream()
        .filter(part -> part.target().equals(disk.getTarget()))
        .findFirst()
        .map(SnapshotPlan::taken);
  }

  /**
   * What the records of all snapshots have, of either kind.
   *
   * @param taken what becomes of a disk; empty: it is left out
   */
  static Snapshot.Builder record(
      DomainSpec spec,
      String name,
      CreateSnapshotRequest request,
      DomainState state,
      Instant time,
      Function<Disk, Optional<SnapshotDisk>> taken) {
    Snapshot.Builder snapshot =
        Snapshot.newBuilder()
            .setName(name)
            .setDescription(request.getDescription())
            .setDomainName(spec.getName())
            .setDomainUuid(spec.getUuid())
            .setCreateTime(ProtoTimes.timestamp(time))
            .setDomainState(state)
            .setConsistency(consistency(state))
            .setDomainSpec(spec);
    spec.getDisksList()
        .forEach(disk -> snapshot.addDisks(taken.apply(disk).orElseGet(() -> left(disk))));
    return snapshot;
  }

  /** A guest that ended by a crash left its disks as a power cut does. */
  private static SnapshotConsistency consistency(DomainState state) {
    return state == DomainState.DOMAIN_STATE_SHUT_OFF
        ? SnapshotConsistency.SNAPSHOT_CONSISTENCY_SHUT_OFF
        : SnapshotConsistency.SNAPSHOT_CONSISTENCY_CRASH;
  }

  private static SnapshotDisk taken(Part part) {
    return SnapshotDisk.newBuilder()
        .setTarget(part.target())
        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
        .setOverlay(part.overlay())
        .setFrozen(Chain.source(part.frozen()))
        .build();
  }

  private static SnapshotDisk left(Disk disk) {
    return SnapshotDisk.newBuilder()
        .setTarget(disk.getTarget())
        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)
        .build();
  }

  static Map<String, SnapshotDisk> asked(DomainSpec spec, CreateSnapshotRequest request) {
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

  static boolean takesPart(Disk disk, Optional<SnapshotDisk> wish) {
    return wish.map(given -> given.getMode() != SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED)
        .orElse(disk.hasSource() && !disk.getReadOnly());
  }

  private static Part part(
      Disk disk, String name, Optional<SnapshotDisk> wish, boolean reuse, SnapshotFiles files) {
    ChainImage frozen = files.active(disk);
    Image given = wish.map(SnapshotDisk::getOverlay).orElse(Image.getDefaultInstance());
    if (given.getPath().isEmpty() && !files.regular(frozen.getPath())) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          "disk '%s' is on '%s', which is no regular file, and an overlay is made beside regular files only; name its path"
              .formatted(disk.getTarget(), frozen.getPath()),
          "field",
          "disks",
          "disk",
          disk.getTarget());
    }
    String path =
        files.path(given.getPath().isEmpty() ? beside(frozen.getPath(), name) : given.getPath());
    if (given.getFormat() == ImageFormat.IMAGE_FORMAT_RAW) {
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
    if (reuse) {
      requireReusable(disk.getTarget(), frozen, overlay, files);
    } else {
      requireNew(path, frozen, files);
    }
    return new Part(disk.getTarget(), frozen, overlay, !reuse);
  }

  /**
   * G8: what is there must not be overwritten; its directory must take a new file, and its header
   * the name of what is below.
   */
  static void requireNew(String path, ChainImage frozen, SnapshotFiles files) {
    PathLimits.excess(path)
        .ifPresent(
            why -> {
              throw DriverException.of(
                  ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
                  "overlay '%s' cannot be made: %s; name a path for it".formatted(path, why),
                  "path",
                  path);
            });
    if (files.exists(path)) {
      throw exists(path);
    }
    PathLimits.requireNameable(path, frozen.getPath());
    files.requireMakeable(path);
  }

  /** G5, G6: the caller made the overlay above the active image; its reference is kept (E13). */
  private static void requireReusable(
      String target, ChainImage frozen, Image overlay, SnapshotFiles files) {
    if (!files.exists(overlay.getPath())) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DESTINATION_MISSING,
          "overlay '%s' does not exist; create it or leave out reuse_external"
              .formatted(overlay.getPath()),
          "path",
          overlay.getPath());
    }
    Chain chain = files.chain(target, overlay);
    Optional<ChainImage> below = chain.below(chain.active());
    if (below.filter(image -> files.same(image.getPath(), frozen.getPath())).isEmpty()) {
      throw backingInvalid(
          chain.active(),
          "the header of overlay '%s' names %s, and not '%s', as its backing image; create it so"
              .formatted(
                  overlay.getPath(),
                  below.map(image -> "'" + image.getPath() + "'").orElse("none"),
                  frozen.getPath()));
    }
    if (below.filter(image -> image.getFormat() == frozen.getFormat()).isEmpty()) {
      throw backingInvalid(
          chain.active(),
          "the header of overlay '%s' has another format for '%s' than disk '%s', which has %s; correct it with qemu-img rebase -u"
              .formatted(overlay.getPath(), frozen.getPath(), target, format(frozen.getFormat())));
    }
    requireSize(chain.active(), frozen);
    files.requireWritable(target, chain.active());
  }

  private static DriverException backingInvalid(ChainImage overlay, String message) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
        message,
        "path",
        overlay.getPath(),
        "backing",
        overlay.getBackingReference());
  }

  private static String format(ImageFormat format) {
    return format == ImageFormat.IMAGE_FORMAT_RAW ? "raw" : "qcow2";
  }

  /** The guest must not find its disk of another size; images of odd size are shown rounded up. */
  private static void requireSize(ChainImage overlay, ChainImage frozen) {
    if (sectors(overlay) != sectors(frozen)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
          "overlay '%s' has %d bytes, and '%s', which it goes on from, has %d; create it with that size"
              .formatted(
                  overlay.getPath(),
                  overlay.getVirtualSizeBytes(),
                  frozen.getPath(),
                  frozen.getVirtualSizeBytes()),
          "path",
          overlay.getPath(),
          "backing",
          frozen.getPath());
    }
  }

  private static long sectors(ChainImage image) {
    return (image.getVirtualSizeBytes() + SECTOR - 1) / SECTOR;
  }

  /** "/images/disk.qcow2" and "before" make "/images/disk.before". */
  static String beside(String image, String name) {
    int slash = image.lastIndexOf('/');
    int dot = image.lastIndexOf('.');
    String stem = dot > slash + 1 ? image.substring(0, dot) : image;
    return stem + "." + name;
  }

  /** Where nothing is yet, but another disk of the same request goes on. */
  static DriverException meets(String path, String target) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
        "overlay '%s' of disk '%s' is that of another disk too; choose a path of its own"
            .formatted(path, target),
        "path",
        path);
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
