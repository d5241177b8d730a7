package dev.drover.client.cli;

import dev.drover.v1.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Draws snapshots under their parents, as {@code virsh snapshot-list --tree} does. */
final class SnapshotTree {
  private SnapshotTree() {}

  static List<String> lines(List<Snapshot> snapshots) {
    Set<String> names = snapshots.stream().map(Snapshot::getName).collect(Collectors.toSet());
    Map<String, List<String>> children = new LinkedHashMap<>();
    List<String> roots = new ArrayList<>();
    for (Snapshot snapshot : snapshots) {
      // The record of a parent may be gone.
      if (names.contains(snapshot.getParent())) {
        children
            .computeIfAbsent(snapshot.getParent(), parent -> new ArrayList<>())
            .add(snapshot.getName());
      } else {
        roots.add(snapshot.getName());
      }
    }
    List<String> lines = new ArrayList<>();
    for (String root : roots) {
      lines.add(root);
      append(lines, "", children, root);
    }
    return lines;
  }

  private static void append(
      List<String> lines, String indent, Map<String, List<String>> children, String name) {
    List<String> below = children.getOrDefault(name, List.of());
    if (!below.isEmpty()) {
      lines.add(indent + "  |");
    }
    for (int i = 0; i < below.size(); i++) {
      boolean last = i == below.size() - 1;
      lines.add(indent + "  +- " + below.get(i));
      append(lines, indent + (last ? "    " : "  | "), children, below.get(i));
    }
  }
}
