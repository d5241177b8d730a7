package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotMemory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which images keep the moment of an internal snapshot inside themselves, decided before anything
 * changes (R9).
 *
 * @param name name of the snapshot
 * @param spec what the domain runs as, or is defined as where it does not run
 * @param parts the disks that take part, in the order of the spec; the first keeps the memory
 * @param memory whether memory is taken too
 */
public record InternalPlan(String name, DomainSpec spec, List<Part> parts, boolean memory) {

  /**
   * A disk that takes part.
   *
   * @param target target of the disk
   * @param image the image that it is on
   */
  public record Part(String target, Image image) {}

  /** Copies the list. */
  public InternalPlan {
    parts = List.copyOf(parts);
  }

  /**
   * Plans an internal snapshot.
   *
   * @param domain the domain, whose state counts where memory is taken
   * @param spec what it runs as, or is defined as where it does not run
   * @param name name of the snapshot
   * @throws DriverException SNAPSHOT_WITHOUT_DISKS, DISK_NOT_FOUND, DISK_AMBIGUOUS,
   *     DISK_HAS_NO_SOURCE, DISK_READ_ONLY, IMAGE_FORMAT_MISMATCH (an image is not qcow2),
   *     SNAPSHOT_ALREADY_EXISTS (an image keeps something of this name), IMAGE_IN_USE (another disk
   *     writes to the image), with memory DOMAIN_NOT_RUNNING and INVALID_ARGUMENT (a disk that the
   *     guest writes to takes no part), and those of {@link SnapshotFiles}
   */
  public static InternalPlan of(
      Domain domain,
      DomainSpec spec,
      String name,
      CreateSnapshotRequest request,
      SnapshotFiles files) {
    if (request.hasMemory()) {
      MemoryPlan.requireGuest(domain);
    }
    Map<String, SnapshotDisk> asked = SnapshotPlan.asked(spec, request);
    List<Part> parts = new ArrayList<>();
    for (Disk disk : spec.getDisksList()) {
      if (SnapshotPlan.takesPart(disk, Optional.ofNullable(asked.get(disk.getTarget())))) {
        parts.add(part(spec, disk, name, files));
      }
    }
    if (parts.isEmpty()) {
      throw SnapshotPlan.withoutDisks(spec.getName());
    }
    if (request.hasMemory()) {
      MemoryPlan.requireEveryDisk(
          spec, parts.stream().map(Part::target).collect(Collectors.toSet()));
    }
    return new InternalPlan(name, spec, parts, request.hasMemory());
  }

  private static Part part(DomainSpec spec, Disk disk, String name, SnapshotFiles files) {
    ChainImage active = files.active(disk);
    if (active.getFormat() != ImageFormat.IMAGE_FORMAT_QCOW2) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH,
          "disk '%s' of domain '%s' is on '%s', and only qcow2 images keep snapshots inside themselves; leave the disk out, or make an external snapshot"
              .formatted(disk.getTarget(), spec.getName(), active.getPath()),
          "path",
          active.getPath(),
          "format",
          "raw",
          "disk",
          disk.getTarget());
    }
    OverlayRules.requireAlone(spec, disk, active.getPath(), files);
    Image image = Chain.source(active);
    if (files.moment(image, SnapshotKinds.tag(name)).isPresent()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS,
          "image '%s' of domain '%s' keeps a snapshot '%s' inside itself already, which has no record; choose another name, or remove that with qemu-img"
              .formatted(image.getPath(), spec.getName(), SnapshotKinds.tag(name)),
          "domain",
          spec.getName(),
          "snapshot",
          name,
          "path",
          image.getPath());
    }
    return new Part(disk.getTarget(), image);
  }

  /** What the images call the moment. */
  public String tag() {
    return SnapshotKinds.tag(name);
  }

  /** Paths of the images that are going to keep the moment. */
  public Set<String> paths() {
    return parts.stream().map(part -> part.image().getPath()).collect(Collectors.toSet());
  }

  /**
   * The record of the snapshot, without its place among the others and the size of its memory.
   *
   * @param state state of the domain at the moment
   * @param time the moment
   */
  public Snapshot record(CreateSnapshotRequest request, DomainState state, Instant time) {
    Snapshot.Builder snapshot = SnapshotPlan.record(spec, name, request, state, time, this::keptOf);
    if (memory) {
      snapshot.setMemory(SnapshotMemory.newBuilder().setDisk(parts.getFirst().target()));
    }
    return snapshot.build();
  }

  private Optional<SnapshotDisk> keptOf(Disk disk) {
    return parts.stream()
        .filter(part -> part.target().equals(disk.getTarget()))
        .findFirst()
        .map(InternalPlan::kept);
  }

  private static SnapshotDisk kept(Part part) {
    return SnapshotDisk.newBuilder()
        .setTarget(part.target())
        .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_INTERNAL)
        .setInside(part.image())
        .build();
  }
}
