package dev.drover.conformance.tree;

import dev.drover.v1.Image;
import dev.drover.v1.SnapshotPlan;
import dev.drover.v1.SnapshotScope;
import dev.drover.v1.SnapshotStep;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A domain with its disks, block by block, and its tree of snapshots. */
final class TreeModel {

  private final Map<String, DiskModel> disks = new LinkedHashMap<>();
  private final Map<String, Optional<String>> parents = new LinkedHashMap<>();
  private Optional<String> current = Optional.empty();

  TreeModel(List<DiskModel> disks) {
    disks.forEach(disk -> this.disks.put(disk.target(), disk));
  }

  Collection<DiskModel> disks() {
    return Collections.unmodifiableCollection(disks.values());
  }

  DiskModel disk(String target) {
    return Optional.ofNullable(disks.get(target)).orElseThrow();
  }

  /** Names of the snapshots, the oldest first. */
  List<String> snapshots() {
    return List.copyOf(parents.keySet());
  }

  Optional<String> parent(String snapshot) {
    return Optional.ofNullable(parents.get(snapshot)).orElseThrow();
  }

  Optional<String> current() {
    return current;
  }

  /** Whether a disk of the snapshot has lost its moment. */
  boolean lost(String snapshot) {
    return disks().stream()
        .flatMap(disk -> Optional.ofNullable(disk.moments().get(snapshot)).stream())
        .anyMatch(DiskModel.Moment::lost);
  }

  /** Enters a snapshot whose disks go on in their overlays already. */
  void snapshot(String name, Collection<String> targets) {
    targets.forEach(target -> disk(target).keep(name));
    parents.put(name, current);
    current = Optional.of(name);
  }

  /** Goes back to a snapshot; each disk of it is in an overlay of its own afterwards. */
  void revert(String name, Map<String, String> overlays) {
    overlays.forEach((target, overlay) -> disk(target).revert(name, overlay));
    current = Optional.of(name);
  }

  /** Names of the snapshots that a deletion concerns. */
  Set<String> names(String named, SnapshotScope scope) {
    Set<String> below = new TreeSet<>();
    for (String name : snapshots()) {
      // The oldest come first, so that a parent was looked at before its children.
      if (parent(name).filter(above -> above.equals(named) || below.contains(above)).isPresent()) {
        below.add(name);
      }
    }
    if (scope == SnapshotScope.SNAPSHOT_SCOPE_ONE) {
      return Set.of(named);
    }
    if (scope == SnapshotScope.SNAPSHOT_SCOPE_WITH_CHILDREN) {
      below.add(named);
    }
    return below;
  }

  /** Does what a deletion's plan says, and holds it to leaving nothing that nobody needs. */
  void delete(Set<String> names, SnapshotPlan plan) {
    Map<String, Set<String>> branches = new HashMap<>();
    disks().forEach(disk -> branches.put(disk.target(), disk.leftBranches(names)));
    disks().forEach(disk -> disk.letGo(names));
    disks().forEach(disk -> disk.expect(receiving(disk.target(), plan)));
    Map<String, Set<String>> kept = new HashMap<>();
    for (SnapshotStep step : plan.getStepsList()) {
      DiskModel disk = disk(step.getDisk());
      List<String> images = step.getImagesList().stream().map(Image::getPath).toList();
      switch (step.getAction()) {
        case SNAPSHOT_ACTION_REMOVE -> images.forEach(disk::removeOwned);
        case SNAPSHOT_ACTION_COMMIT -> disk.mergeDown(images, step.getInto().getPath());
        case SNAPSHOT_ACTION_PULL -> disk.mergeUp(images, step.getInto().getPath());
        case SNAPSHOT_ACTION_KEEP -> {
          if (step.getDetail().isEmpty()) {
            throw new AssertionError("images stay without a reason: " + step);
          }
          kept.computeIfAbsent(step.getDisk(), _ -> new HashSet<>()).addAll(images);
        }
        case SNAPSHOT_ACTION_DISCARD ->
            throw new AssertionError("a walk makes no internal snapshots: " + step);
        case SNAPSHOT_ACTION_UNSPECIFIED, UNRECOGNIZED ->
            throw new AssertionError("a plan without meaning: " + step);
      }
    }
    disks().forEach(disk -> disk.expect(Set.of()));
    forget(names);
    for (DiskModel disk : disks()) {
      Set<String> left =
          new TreeSet<>(disk.superfluous(branches.getOrDefault(disk.target(), Set.of())));
      left.removeAll(kept.getOrDefault(disk.target(), Set.of()));
      if (!left.isEmpty()) {
        throw new AssertionError(
            "nothing needs %s after a deletion, and the plan does not say why they stay: %s"
                .formatted(left, plan));
      }
    }
  }

  private static Set<String> receiving(String target, SnapshotPlan plan) {
    return plan.getStepsList().stream()
        .filter(step -> step.getDisk().equals(target) && step.hasInto())
        .map(step -> step.getInto().getPath())
        .collect(Collectors.toSet());
  }

  /** Forgets snapshots; their children get the next ancestor that stays. */
  void forget(Set<String> names) {
    for (String name : snapshots()) {
      parents.put(name, staying(parent(name), names));
    }
    current = staying(current, names);
    names.forEach(parents::remove);
    disks().forEach(disk -> disk.forget(names));
  }

  private Optional<String> staying(Optional<String> first, Set<String> gone) {
    Optional<String> ancestor = first;
    while (ancestor.filter(gone::contains).isPresent()) {
      ancestor = ancestor.flatMap(this::parent);
    }
    return ancestor;
  }

  void requireNothingLost() {
    disks().forEach(DiskModel::requireNothingLost);
  }

  /** Images that something reads although nothing needs it, at the very end. */
  List<String> leftOver() {
    List<String> left = new ArrayList<>();
    disks().forEach(disk -> left.addAll(disk.superfluous(Set.of())));
    return left;
  }
}
