package dev.drover.conformance.tree;

import dev.drover.v1.Image;
import dev.drover.v1.SnapshotPlan;
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
  private final NamedTree tree = new NamedTree();

  TreeModel(List<DiskModel> disks) {
    disks.forEach(disk -> this.disks.put(disk.target(), disk));
  }

  Collection<DiskModel> disks() {
    return Collections.unmodifiableCollection(disks.values());
  }

  DiskModel disk(String target) {
    return Optional.ofNullable(disks.get(target)).orElseThrow();
  }

  /** The snapshots by their names. */
  NamedTree tree() {
    return tree;
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
    tree.enter(name);
  }

  /** Goes back to a snapshot; each disk of it is in an overlay of its own afterwards. */
  void revert(String name, Map<String, String> overlays) {
    overlays.forEach((target, overlay) -> disk(target).revert(name, overlay));
    tree.goBack(name);
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

  /** Forgets snapshots. */
  void forget(Set<String> names) {
    tree.forget(names);
    disks().forEach(disk -> disk.forget(names));
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
