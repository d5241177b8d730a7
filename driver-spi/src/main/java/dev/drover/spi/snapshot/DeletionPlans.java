package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotPlan;
import dev.drover.v1.SnapshotStep;
import dev.drover.v1.SnapshotStepState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Collects what is known of a domain's images and plans a deletion from it, disk by disk. */
final class DeletionPlans {

  private final SnapshotBook snapshots;
  private final DeletionWork work;

  DeletionPlans(SnapshotBook snapshots, DeletionWork work) {
    this.snapshots = snapshots;
    this.work = work;
  }

  /**
   * Plans a deletion.
   *
   * @param names the snapshots that go
   * @throws DriverException CHAIN_DIVERGED where images that it depends on cannot be read
   */
  SnapshotPlan plan(Domain domain, Set<String> names) {
    String uuid = domain.getSpec().getUuid();
    List<Snapshot> all = snapshots.list(uuid);
    List<OwnedImage> owned = snapshots.owned().list(uuid).stream().filter(work::isThere).toList();
    Map<String, Known> disks = new TreeMap<>();
    for (String target : targets(all, owned)) {
      disks.put(target, known(domain, target, all, names, owned));
    }
    for (Disk disk : domain.getSpec().getDisksList()) {
      if (!disks.containsKey(disk.getTarget())) {
        disks.put(disk.getTarget(), untouched(domain, disk.getTarget()));
      }
    }
    SnapshotPlan.Builder plan = SnapshotPlan.newBuilder();
    for (Map.Entry<String, Known> disk : disks.entrySet()) {
      Known known = disk.getValue();
      DiskDeletion deletion =
          new DiskDeletion(
              disk.getKey(),
              known.active(),
              known.kept(),
              known.doomed(),
              known.branches(),
              known.owned(),
              known.left(),
              held(uuid, disk.getKey(), known, disks));
      for (SnapshotStep step : DeletionPlanner.plan(deletion)) {
        plan.addSteps(step);
        plan.setBytesToMove(plan.getBytesToMove() + step.getBytesToMove());
      }
    }
    for (Snapshot snapshot : all) {
      if (names.contains(snapshot.getName())) {
        snapshot.getDisksList().stream()
            .filter(SnapshotDisk::hasInside)
            .forEach(disk -> plan.addSteps(discard(snapshot, disk)));
      }
    }
    for (Snapshot snapshot : all) {
      if (names.contains(snapshot.getName()) && !snapshot.getMemory().getPath().isEmpty()) {
        memory(snapshot.getMemory().getPath(), owned).ifPresent(plan::addSteps);
      }
    }
    return plan.build();
  }

  /** A moment inside an image goes without moving anything, wherever in the tree it is. */
  private static SnapshotStep discard(Snapshot snapshot, SnapshotDisk disk) {
    return SnapshotStep.newBuilder()
        .setDisk(disk.getTarget())
        .setAction(SnapshotAction.SNAPSHOT_ACTION_DISCARD)
        .addImages(disk.getInside())
        .setSnapshot(snapshot.getName())
        .setState(SnapshotStepState.SNAPSHOT_STEP_STATE_PENDING)
        .build();
  }

  /** A file with memory goes with its snapshot; empty where it is gone already. */
  private Optional<SnapshotStep> memory(String path, List<OwnedImage> owned) {
    if (work.file(path).isEmpty()) {
      return Optional.empty();
    }
    boolean ours =
        owned.stream()
            .anyMatch(file -> MemoryPlan.isMemory(file) && file.image().getPath().equals(path));
    SnapshotStep.Builder step =
        SnapshotStep.newBuilder()
            .addImages(Image.newBuilder().setPath(path))
            .setState(SnapshotStepState.SNAPSHOT_STEP_STATE_PENDING);
    return Optional.of(
        ours
            ? step.setAction(SnapshotAction.SNAPSHOT_ACTION_REMOVE).build()
            : step.setAction(SnapshotAction.SNAPSHOT_ACTION_KEEP)
                .setDetail("it is not the file that was made; it was put there since")
                .build());
  }

  private record Known(
      Optional<Chain> active,
      List<Chain> kept,
      List<Chain> doomed,
      List<Chain> branches,
      Set<String> owned,
      Set<String> left) {
    /** Whether a plan may touch an image: whoever needs the others does not matter to it. */
    boolean mayChange(String path) {
      return owned.contains(path)
          || Stream.of(doomed, kept, branches)
              .flatMap(List::stream)
              .anyMatch(chain -> chain.active().getPath().equals(path));
    }

    Stream<ChainImage> images() {
      return Stream.of(active.stream(), kept.stream(), doomed.stream(), branches.stream())
          .flatMap(chains -> chains)
          .flatMap(chain -> chain.images().stream());
    }
  }

  private static Set<String> targets(List<Snapshot> all, List<OwnedImage> owned) {
    Set<String> targets = new TreeSet<>();
    for (Snapshot snapshot : all) {
      for (SnapshotDisk disk : snapshot.getDisksList()) {
        if (disk.hasFrozen()) {
          targets.add(disk.getTarget());
        }
      }
    }
    owned.stream()
        .filter(image -> !MemoryPlan.isMemory(image))
        .forEach(image -> targets.add(image.disk()));
    return targets;
  }

  /** A disk without snapshots: it counts as one that may need an image of another. */
  private Known untouched(Domain domain, String target) {
    Optional<Chain> active;
    try {
      active = work.active(domain, target);
    } catch (DriverException e) {
      work.warn(
          "disk '%s' of domain '%s' is left out of a plan"
              .formatted(target, domain.getSpec().getName()),
          e);
      active = Optional.empty();
    }
    return new Known(active, List.of(), List.of(), List.of(), Set.of(), Set.of());
  }

  private Known known(
      Domain domain, String target, List<Snapshot> all, Set<String> names, List<OwnedImage> owned) {
    try {
      List<Chain> kept = new ArrayList<>();
      List<Chain> doomed = new ArrayList<>();
      for (Snapshot snapshot : all) {
        boolean goes = names.contains(snapshot.getName());
        List<Chain> place = goes ? doomed : kept;
        snapshot.getDisksList().stream()
            .filter(disk -> disk.getTarget().equals(target) && disk.hasFrozen())
            .filter(disk -> goes || !disk.getStateLost())
            .flatMap(disk -> held(domain, snapshot, disk).stream())
            .forEach(place::add);
      }
      Set<Image> tops = new LinkedHashSet<>();
      all.stream()
          .flatMap(snapshot -> snapshot.getDisksList().stream())
          .filter(disk -> disk.getTarget().equals(target) && disk.hasOverlay())
          .forEach(disk -> tops.add(disk.getOverlay()));
      Set<String> frozen =
          all.stream()
              .flatMap(snapshot -> snapshot.getDisksList().stream())
              .filter(disk -> disk.getTarget().equals(target) && disk.hasFrozen())
              .map(disk -> disk.getFrozen().getPath())
              .collect(Collectors.toSet());
      Set<String> paths = new HashSet<>();
      Set<String> left = new HashSet<>();
      for (OwnedImage image : owned) {
        if (image.disk().equals(target)) {
          tops.add(image.image());
          paths.add(image.image().getPath());
          if (left(image, frozen)) {
            left.add(image.image().getPath());
          }
        }
      }
      List<Chain> branches =
          tops.stream().flatMap(top -> work.stored(domain, target, top).stream()).toList();
      return new Known(work.active(domain, target), kept, doomed, branches, paths, left);
    } catch (DriverException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_CHAIN_DIVERGED,
          ("what the snapshots of disk '%s' of domain '%s' hold cannot be told, so nothing is"
                  + " deleted: %s; mend the chain, or delete with metadata_only")
              .formatted(target, domain.getSpec().getName(), e.getMessage()),
          "domain",
          domain.getSpec().getName(),
          "disk",
          target);
    }
  }

  /**
   * Whether Drover has moved the disk off an image. A daemon that kept no record of it did so for
   * every moment that there is.
   */
  private static boolean left(OwnedImage image, Set<String> frozen) {
    return switch (image.use()) {
      case LEFT -> true;
      case TAKEN -> false;
      case UNKNOWN -> frozen.contains(image.image().getPath());
    };
  }

  /**
   * The chain of a moment. One that is lost needs nothing, so it does not matter where it broke.
   */
  private Optional<Chain> held(Domain domain, Snapshot snapshot, SnapshotDisk disk) {
    try {
      return work.stored(domain, disk.getTarget(), disk.getFrozen());
    } catch (DriverException e) {
      if (!disk.getStateLost()) {
        throw e;
      }
      work.warn(
          "the images of disk '%s' in snapshot '%s' of domain '%s', whose state is lost, are left"
              .formatted(disk.getTarget(), snapshot.getName(), domain.getSpec().getName()),
          e);
      return Optional.empty();
    }
  }

  /** Who else needs an image: another disk, another domain, or the same file by another name. */
  private Map<String, String> held(
      String uuid, String target, Known known, Map<String, Known> disks) {
    Map<String, String> held = new HashMap<>();
    Map<String, String> files = new HashMap<>();
    List<String> paths = known.images().map(ChainImage::getPath).distinct().toList();
    for (String path : paths) {
      if (known.mayChange(path)) {
        work.heldElsewhere(uuid, path).ifPresent(why -> held.put(path, why));
      }
      disks.entrySet().stream()
          .filter(other -> !other.getKey().equals(target))
          .filter(
              other -> other.getValue().images().anyMatch(image -> image.getPath().equals(path)))
          .findFirst()
          .ifPresent(other -> held.put(path, "disk '%s' needs it".formatted(other.getKey())));
      Optional<String> file = work.file(path);
      if (file.isPresent() && files.containsKey(file.get())) {
        String other = files.get(file.get());
        held.put(path, "'%s' is the same file".formatted(other));
        held.put(other, "'%s' is the same file".formatted(path));
      }
      file.ifPresent(found -> files.put(found, path));
    }
    return held;
  }
}
