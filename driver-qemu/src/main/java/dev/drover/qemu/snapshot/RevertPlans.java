package dev.drover.qemu.snapshot;

import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.snapshot.RevertIntent.RevertedDisk;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertState;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Decides where disks go on after a revert, before anything changes. */
final class RevertPlans {

  private final ImagePaths paths;
  private final ChainReader chains;

  RevertPlans(ImagePaths paths, ChainReader chains) {
    this.paths = paths;
    this.chains = chains;
  }

  /**
   * Plans a revert.
   *
   * @throws DriverException DOMAIN_TRANSIENT, SNAPSHOT_STATE_LOST, DISK_NOT_FOUND,
   *     DESTINATION_EXISTS, PATH_NOT_ALLOWED, IMAGE_NOT_FOUND and what else keeps the images of the
   *     moment from being read
   */
  RevertIntent plan(Domain domain, Snapshot snapshot, RevertSnapshotRequest request, String jobId) {
    DomainSpec spec = domain.getSpec();
    requirePersistent(domain);
    if (snapshot.getDeleting()) {
      throw lost(snapshot, "", "it is being deleted; delete it again to go on with that");
    }
    requireKnownTargets(spec, snapshot, request);
    List<RevertedDisk> disks = new ArrayList<>();
    Set<String> overlays = new HashSet<>();
    for (SnapshotDisk part : snapshot.getDisksList()) {
      switch (part.getMode()) {
        case SNAPSHOT_DISK_MODE_EXTERNAL ->
            disks.add(disk(domain, snapshot, part, request, overlays));
        case SNAPSHOT_DISK_MODE_MERGED ->
            throw lost(snapshot, part.getTarget(), "a deletion has merged it already");
        case SNAPSHOT_DISK_MODE_EXCLUDED, SNAPSHOT_DISK_MODE_UNSPECIFIED, UNRECOGNIZED -> {}
      }
    }
    RevertState target =
        request.getTargetState() == RevertState.REVERT_STATE_UNSPECIFIED
            ? RevertState.REVERT_STATE_SHUT_OFF
            : request.getTargetState();
    return new RevertIntent(
        jobId, spec.getUuid(), snapshot.getName(), target, disks, RevertIntent.Phase.PREPARING);
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
      DomainSpec spec, Snapshot snapshot, RevertSnapshotRequest request) {
    for (SnapshotDisk wish : request.getDisksList()) {
      if (external(snapshot).noneMatch(part -> part.getTarget().equals(wish.getTarget()))) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_DISK_NOT_FOUND,
            "disk '%s' of domain '%s' takes no part in snapshot '%s'; leave it out"
                .formatted(wish.getTarget(), spec.getName(), snapshot.getName()),
            "domain",
            spec.getName(),
            "disk",
            wish.getTarget());
      }
    }
  }

  private static Stream<SnapshotDisk> external(Snapshot snapshot) {
    return snapshot.getDisksList().stream()
        .filter(part -> part.getMode() == SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL);
  }

  private RevertedDisk disk(
      Domain domain,
      Snapshot snapshot,
      SnapshotDisk part,
      RevertSnapshotRequest request,
      Set<String> overlays) {
    DomainSpec spec = domain.getSpec();
    String target = part.getTarget();
    Disk disk =
        find(spec, target)
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
    boolean active =
        Stream.concat(Stream.of(disk), find(domain.getStatus().getLiveSpec(), target).stream())
            .anyMatch(
                now -> ImageFiles.same(now.getSource().getPath(), part.getFrozen().getPath()));
    if (active) {
      throw lost(
          snapshot, target, "its image is the active one again, and written to by the guest");
    }
    ChainImage frozen = chains.read(spec.getName(), target, part.getFrozen()).active();
    Path path =
        request.getDisksList().stream()
            .filter(wish -> wish.getTarget().equals(target))
            .map(wish -> paths.require(wish.getOverlay().getPath()))
            .findFirst()
            .orElseGet(() -> free(frozen, snapshot, overlays));
    if (!overlays.add(path.toString())) {
      throw OverlayPlans.exists(path.toString());
    }
    OverlayPlans.requireNew(path);
    ChainImage overlay =
        ChainImage.newBuilder()
            .setPath(path.toString())
            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
            .setVirtualSizeBytes(frozen.getVirtualSizeBytes())
            .setBackingReference(frozen.getPath())
            .build();
    return new RevertedDisk(target, frozen, overlay, List.of());
  }

  private static Optional<Disk> find(DomainSpec spec, String target) {
    return spec.getDisksList().stream().filter(disk -> disk.getTarget().equals(target)).findFirst();
  }

  private Path free(ChainImage frozen, Snapshot snapshot, Set<String> taken) {
    int number = 1;
    while (true) {
      Path path =
          paths.require(OverlayPlans.beside(frozen.getPath(), snapshot.getName() + "-" + number));
      if (!taken.contains(path.toString()) && !Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
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
