package dev.drover.client.cli;

import dev.drover.v1.Snapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws snapshots under their parents, as {@code virsh snapshot-list --tree} does: a line of
 * nothing but indentation follows where a branch ends.
 */
final class SnapshotTree {
  private final SnapshotForest forest;
  private final List<String> lines = new ArrayList<>();

  private SnapshotTree(SnapshotForest forest) {
    this.forest = forest;
  }

  /** Every root with what is below it. */
  static List<String> lines(SnapshotForest forest) {
    SnapshotTree tree = new SnapshotTree(forest);
    forest.roots().forEach(tree::draw);
    return tree.lines;
  }

  /** One snapshot, drawn as a root, with what is below it. */
  static List<String> below(SnapshotForest forest, Snapshot root) {
    SnapshotTree tree = new SnapshotTree(forest);
    tree.draw(root);
    return tree.lines;
  }

  private void draw(Snapshot root) {
    lines.add(root.getName());
    if (!append("  ", root)) {
      lines.add("");
    }
  }

  /** Draws what is below; false where there is nothing. */
  private boolean append(String indent, Snapshot parent) {
    List<Snapshot> below = forest.children(parent.getName());
    if (!below.isEmpty()) {
      lines.add(indent + "|");
    }
    for (Snapshot child : below) {
      boolean last = child.equals(below.getLast());
      lines.add(indent + "+- " + child.getName());
      if (!append(indent + (last ? "    " : "|   "), child) && last) {
        lines.add(indent + "  ");
      }
    }
    return !below.isEmpty();
  }
}
