package dev.drover.qemu.block;

import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.qmp.QmpAnswer;
import java.util.Optional;

/**
 * What the process shows of a disk at the end of a job. One look serves all that the end has to
 * know: whether it went as planned, and which nodes are left to be closed.
 *
 * @param root node that the disk reads; see {@link BlockHost#rootNode}
 * @param graph all nodes; empty where the process cannot be asked
 */
record EndView(Optional<String> root, Optional<LiveGraph> graph) {

  /** Asks for all of it at once. */
  static QmpAnswer<EndView> ask(BlockHost host, JournalEntry entry) {
    QmpAnswer<Optional<String>> root = host.askRootNode(entry);
    QmpAnswer<Optional<LiveGraph>> graph = LiveGraph.ask(host);
    return () -> new EndView(root.await(), graph.await());
  }

  /** Asks for all of it and waits for the answers. */
  static EndView of(BlockHost host, JournalEntry entry) {
    return ask(host, entry).await();
  }

  /** True where the disk reads this node. */
  boolean reads(String node) {
    return root.equals(Optional.of(node));
  }
}
