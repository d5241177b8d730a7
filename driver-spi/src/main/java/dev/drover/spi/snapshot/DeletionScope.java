package dev.drover.spi.snapshot;

import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotScope;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which snapshots a deletion concerns. */
final class DeletionScope {

  private DeletionScope() {}

  /**
   * The names.
   *
   * @param all the snapshots of the domain
   * @param named the one that the request names
   */
  static Set<String> names(List<Snapshot> all, Snapshot named, SnapshotScope scope) {
    return switch (scope) {
      case SNAPSHOT_SCOPE_UNSPECIFIED, SNAPSHOT_SCOPE_ONE, UNRECOGNIZED -> Set.of(named.getName());
      case SNAPSHOT_SCOPE_WITH_CHILDREN -> {
        Set<String> names = descendants(all, named.getName());
        names.add(named.getName());
        yield names;
      }
      case SNAPSHOT_SCOPE_CHILDREN_ONLY -> descendants(all, named.getName());
    };
  }

  private static Set<String> descendants(List<Snapshot> all, String ancestor) {
    Set<String> names = new TreeSet<>();
    Set<String> found = Set.of(ancestor);
    while (!found.isEmpty()) {
      Set<String> next = new TreeSet<>();
      for (Snapshot snapshot : all) {
        if (found.contains(snapshot.getParent()) && names.add(snapshot.getName())) {
          next.add(snapshot.getName());
        }
      }
      found = next;
    }
    return names;
  }
}
