package dev.drover.conformance.tree;

import dev.drover.v1.SnapshotScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Which snapshots a domain has, who descends from whom, and which one is current. */
final class NamedTree {

  private final Map<String, Optional<String>> parents = new LinkedHashMap<>();
  private Optional<String> current = Optional.empty();

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

  /** Enters a snapshot, which becomes current. */
  void enter(String name) {
    parents.put(name, current);
    current = Optional.of(name);
  }

  /** Goes back to a snapshot. */
  void goBack(String name) {
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

  /** Forgets snapshots; their children get the next ancestor that stays. */
  void forget(Set<String> names) {
    for (String name : snapshots()) {
      parents.put(name, staying(parent(name), names));
    }
    current = staying(current, names);
    names.forEach(parents::remove);
  }

  private Optional<String> staying(Optional<String> first, Set<String> gone) {
    Optional<String> ancestor = first;
    while (ancestor.filter(gone::contains).isPresent()) {
      ancestor = ancestor.flatMap(this::parent);
    }
    return ancestor;
  }
}
