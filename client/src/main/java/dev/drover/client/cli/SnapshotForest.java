package dev.drover.client.cli;

import dev.drover.v1.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A domain's snapshots under their parents. One whose parent is not among them is a root: the
 * record of a parent may be gone.
 */
final class SnapshotForest {
  private static final Comparator<Snapshot> BY_NAME =
      Comparator.comparing(Snapshot::getName, String.CASE_INSENSITIVE_ORDER)
          .thenComparing(Snapshot::getName);

  private final List<Snapshot> ordered;
  private final List<Snapshot> roots = new ArrayList<>();
  private final Map<String, List<Snapshot>> children = new LinkedHashMap<>();

  private SnapshotForest(List<Snapshot> ordered) {
    this.ordered = List.copyOf(ordered);
    Set<String> names = ordered.stream().map(Snapshot::getName).collect(Collectors.toSet());
    for (Snapshot snapshot : ordered) {
      if (names.contains(snapshot.getParent())) {
        children.computeIfAbsent(snapshot.getParent(), parent -> new ArrayList<>()).add(snapshot);
      } else {
        roots.add(snapshot);
      }
    }
  }

  /** Snapshots, and siblings among them, by name without regard to case, as virsh lists them. */
  static SnapshotForest byName(List<Snapshot> snapshots) {
    return new SnapshotForest(snapshots.stream().sorted(BY_NAME).toList());
  }

  /** Parents before their children, siblings in the order given. */
  static SnapshotForest topological(List<Snapshot> snapshots) {
    SnapshotForest given = new SnapshotForest(snapshots);
    List<Snapshot> ordered = new ArrayList<>();
    for (Snapshot root : given.roots) {
      ordered.add(root);
      ordered.addAll(given.descendants(root.getName()));
    }
    return new SnapshotForest(ordered);
  }

  /** All of them, in order. */
  List<Snapshot> all() {
    return ordered;
  }

  /** Those without a parent, in order. */
  List<Snapshot> roots() {
    return List.copyOf(roots);
  }

  /** Those directly below one, in order. */
  List<Snapshot> children(String name) {
    return List.copyOf(children.getOrDefault(name, List.of()));
  }

  /** All below one, each before those below itself. */
  List<Snapshot> descendants(String name) {
    Set<Snapshot> found = new LinkedHashSet<>();
    Deque<Snapshot> open = new ArrayDeque<>(children(name));
    while (!open.isEmpty()) {
      Snapshot next = open.pop();
      if (found.add(next)) {
        children(next.getName()).reversed().forEach(open::push);
      }
    }
    return List.copyOf(found);
  }

  /** True where others are below it. */
  boolean hasChildren(Snapshot snapshot) {
    return children.containsKey(snapshot.getName());
  }
}
