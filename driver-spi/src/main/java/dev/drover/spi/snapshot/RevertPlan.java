package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskSources;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where disks go on after a revert, decided before anything changes (R9).
 *
 * @param domainName name of the domain
 * @param domainUuid uuid of the domain
 * @param snapshot name of the snapshot that disks go back to
 * @param target state of the domain afterwards, never unspecified
 * @param parts the disks that go back each to a new overlay, in the order of the snapshot
 * @param inside the disks that go back within their images, where the snapshot is internal
 * @param moment the memory from which the guest goes on; empty where it starts anew or not at all
 */
public record RevertPlan(
    String domainName,
    String domainUuid,
    String snapshot,
    RevertState target,
    List<Part> parts,
    List<Inside> inside,
    Optional<RestoredMoment> moment) {

  /**
   * A disk that goes back.
   *
   * @param target target of the disk
   * @param frozen the image that holds the moment
   * @param overlay where the disk goes on above it; to be made
   */
  public record Part(String target, ChainImage frozen, ChainImage overlay) {}

  /**
   * A disk that goes back within its image.
   *
   * @param target target of the disk
   * @param image the image that it is on, which keeps the moment inside itself
   */
  public record Inside(String target, Image image) {}

  /** Copies the lists. */
  public RevertPlan {
    parts = List.copyOf(parts);
    inside = List.copyOf(inside);
  }

  /**
   * Plans a revert.
   *
   * @throws DriverException DOMAIN_TRANSIENT, SNAPSHOT_STATE_LOST, DISK_NOT_FOUND,
   *     DESTINATION_EXISTS, and those of {@link SnapshotFiles}
   */
  public static RevertPlan of(
      Domain domain, Snapshot snapshot, RevertSnapshotRequest request, SnapshotFiles files) {
    requirePersistent(domain);
    if (snapshot.getDeleting()) {
      throw lost(snapshot, "", "it is being deleted; delete it again to go on with that");
    }
    requireKnownTargets(domain, snapshot, request);
    List<Part> parts = new ArrayList<>();
    List<Inside> inside = new ArrayList<>();
    Set<String> overlays = new HashSet<>();
    for (SnapshotDisk held : snapshot.getDisksList()) {
      switch (held.getMode()) {
        case SNAPSHOT_DISK_MODE_EXTERNAL ->
            parts.add(part(domain, snapshot, held, request, files, overlays));
        case SNAPSHOT_DISK_MODE_INTERNAL -> inside.add(inside(domain, snapshot, held, files));
        case SNAPSHOT_DISK_MODE_MERGED ->
            throw lost(snapshot, held.getTarget(), "a deletion has merged it already");
        case SNAPSHOT_DISK_MODE_EXCLUDED, SNAPSHOT_DISK_MODE_UNSPECIFIED, UNRECOGNIZED -> {}
      }
    }
    RevertState target = target(snapshot, request);
    return new RevertPlan(
        domain.getSpec().getName(),
        domain.getSpec().getUuid(),
        snapshot.getName(),
        target,
        parts,
        inside,
        moment(domain, snapshot, target, parts, files));
  }

  private static RevertState target(Snapshot snapshot, RevertSnapshotRequest request) {
    if (request.getTargetState() != RevertState.REVERT_STATE_UNSPECIFIED) {
      return request.getTargetState();
    }
    if (!snapshot.hasMemory()) {
      return RevertState.REVERT_STATE_SHUT_OFF;
    }
    return snapshot.getDomainState() == DomainState.DOMAIN_STATE_PAUSED
        ? RevertState.REVERT_STATE_PAUSED
        : RevertState.REVERT_STATE_RUNNING;
  }

  private static Optional<RestoredMoment> moment(
      Domain domain, Snapshot snapshot, RevertState target, List<Part> parts, SnapshotFiles files) {
    if (!snapshot.hasMemory() || target == RevertState.REVERT_STATE_SHUT_OFF) {
      return Optional.empty();
    }
    if (snapshot.getMemory().getPath().isEmpty()) {
      requireInside(snapshot, files);
    } else if (!files.holds(snapshot.getMemory())) {
      throw lost(
          snapshot,
          "",
          "its memory is not in '%s' any more; revert to it shut off, which needs the disks only"
              .formatted(snapshot.getMemory().getPath()));
    }
    DomainSpec spec =
        DiskSources.replaced(
            snapshot.getDomainSpec(),
            parts.stream()
                .collect(Collectors.toMap(Part::target, part -> Chain.source(part.overlay()))));
    return Optional.of(
        new RestoredMoment(
            snapshot.getMemory(), spec.toBuilder().setName(domain.getSpec().getName()).build()));
  }

  private static void requireInside(Snapshot snapshot, SnapshotFiles files) {
    String target = snapshot.getMemory().getDisk();
    boolean there =
        snapshot.getDisksList().stream()
            .filter(disk -> disk.getTarget().equals(target) && disk.hasInside())
            .map(SnapshotDisk::getInside)
            .anyMatch(
                image -> files.moment(image, SnapshotKinds.tag(snapshot.getName())).orElse(0) > 0);
    if (!there) {
      throw lost(
          snapshot,
          target,
          "its image keeps no memory with the moment; revert to it shut off, which needs the disks"
              + " only");
    }
  }

  private static Inside inside(
      Domain domain, Snapshot snapshot, SnapshotDisk held, SnapshotFiles files) {
    requireKept(snapshot, held);
    String image = held.getInside().getPath();
    Disk disk = require(domain.getSpec(), snapshot, held.getTarget());
    boolean onIt =
        Stream.concat(
                Stream.of(disk), find(domain.getStatus().getLiveSpec(), held.getTarget()).stream())
            .allMatch(now -> files.same(now.getSource().getPath(), image));
    if (!onIt) {
      throw lost(
          snapshot,
          held.getTarget(),
          "the disk is on '%s' now, and the moment is kept inside '%s'; define the domain with that image first"
              .formatted(disk.getSource().getPath(), image));
    }
    if (files.moment(held.getInside(), SnapshotKinds.tag(snapshot.getName())).isEmpty()) {
      throw lost(
          snapshot,
          held.getTarget(),
          "image '%s' does not keep the moment any more".formatted(image));
    }
    return new Inside(held.getTarget(), held.getInside());
  }

  /** Paths of the images that hold the moment. */
  public Set<String> frozenPaths() {
    return Stream.concat(
            parts.stream().map(part -> part.frozen().getPath()),
            inside.stream().map(part -> part.image().getPath()))
        .collect(Collectors.toSet());
  }

  /** The job, without an id. */
  public Job job() {
    return Job.newBuilder()
        .setKind(JobKind.JOB_KIND_SNAPSHOT_REVERT)
        .setDomainName(domainName)
        .setDomainUuid(domainUuid)
        .setSnapshot(snapshot)
        .build();
  }

  private static void requirePersistent(Domain domain) {
    if (!domain.getStatus().getPersistent()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_TRANSIENT,
          "domain '%s' is transient and would be gone once it is ended; define it first"
              .formatted(domain.getSpec().getName()),
          "domain",
          domain.getSpec().getName());
    }
  }

  private static void requireKnownTargets(
      Domain domain, Snapshot snapshot, RevertSnapshotRequest request) {
    Set<String> external =
        snapshot.getDisksList().stream()
            .filter(held -> held.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
            .map(SnapshotDisk::getTarget)
            .collect(Collectors.toSet());
    for (SnapshotDisk wish : request.getDisksList()) {
      if (!external.contains(wish.getTarget())) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_DISK_NOT_FOUND,
            "disk '%s' of domain '%s' takes no part in snapshot '%s'; leave it out"
                .formatted(wish.getTarget(), domain.getSpec().getName(), snapshot.getName()),
            "domain",
            domain.getSpec().getName(),
            "disk",
            wish.getTarget());
      }
    }
  }

  private static Part part(
      Domain domain,
      Snapshot snapshot,
      SnapshotDisk held,
      RevertSnapshotRequest request,
      SnapshotFiles files,
      Set<String> overlays) {
    String target = held.getTarget();
    requireKept(snapshot, held);
    requireNotActive(domain, snapshot, held, files);
    ChainImage frozen = files.chain(target, held.getFrozen()).active();
    String path =
        request.getDisksList().stream()
            .filter(wish -> wish.getTarget().equals(target))
            .map(wish -> files.path(wish.getOverlay().getPath()))
            .findFirst()
            .orElseGet(() -> free(frozen.getPath(), snapshot.getName(), files, overlays));
    if (!overlays.add(path)) {
      throw SnapshotPlan.meets(path, target);
    }
    SnapshotPlan.requireNew(path, frozen, files);
    ChainImage overlay =
        ChainImage.newBuilder()
            .setPath(path)
            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
            .setVirtualSizeBytes(frozen.getVirtualSizeBytes())
            .setBackingReference(frozen.getPath())
            .build();
    return new Part(target, frozen, overlay);
  }

  private static void requireKept(Snapshot snapshot, SnapshotDisk held) {
    if (held.getStateLost()) {
      throw lost(
          snapshot,
          held.getTarget(),
          "the commit of job %s wrote into an image that it needs".formatted(held.getLostByJob()));
    }
  }

  private static void requireNotActive(
      Domain domain, Snapshot snapshot, SnapshotDisk held, SnapshotFiles files) {
    String target = held.getTarget();
    Disk disk = require(domain.getSpec(), snapshot, target);
    boolean active =
        Stream.concat(Stream.of(disk), find(domain.getStatus().getLiveSpec(), target).stream())
            .map(Disk::getSource)
            .map(Image::getPath)
            .anyMatch(path -> files.same(path, held.getFrozen().getPath()));
    if (active) {
      throw lost(
          snapshot, target, "its image is the active one again, and written to by the guest");
    }
  }

  private static Disk require(DomainSpec spec, Snapshot snapshot, String target) {
    return find(spec, target)
        .orElseThrow(
            () ->
                DriverException.of(
                    ErrorReason.ERROR_REASON_DISK_NOT_FOUND,
                    ("domain '%s' has no disk '%s' any more, which snapshot '%s' holds; define"
                            + " the domain with it first")
                        .formatted(spec.getName(), target, snapshot.getName()),
                    "domain",
                    spec.getName(),
                    "disk",
                    target));
  }

  private static Optional<Disk> find(DomainSpec spec, String target) {
    return spec.getDisksList().stream().filter(disk -> disk.getTarget().equals(target)).findFirst();
  }

  /** "/images/disk.qcow2" and "before" make "/images/disk.before-1", or the next that is free. */
  private static String free(
      String frozen, String snapshot, SnapshotFiles files, Set<String> overlays) {
    int number = 1;
    while (true) {
      String path = files.path(SnapshotPlan.beside(frozen, snapshot + "-" + number));
      if (!overlays.contains(path) && !files.exists(path)) {
        return path;
      }
      number++;
    }
  }

  private static DriverException lost(Snapshot snapshot, String disk, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_SNAPSHOT_STATE_LOST,
        "%ssnapshot '%s' of domain '%s' cannot be reverted to: %s"
            .formatted(
                disk.isEmpty() ? "" : "disk '%s' of ".formatted(disk),
                snapshot.getName(),
                snapshot.getDomainName(),
                why),
        "domain",
        snapshot.getDomainName(),
        "snapshot",
        snapshot.getName(),
        "disk",
        disk);
  }
}
