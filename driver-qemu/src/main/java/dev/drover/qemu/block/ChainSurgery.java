package dev.drover.qemu.block;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.qemu.image.BlockdevOptions;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.qmp.BlockCommand;
import dev.drover.qemu.qmp.QmpCommandException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The small steps by which a job's nodes are flushed and put back; each may be repeated. */
final class ChainSurgery {

  private static final Logger logger = LoggerFactory.getLogger(ChainSurgery.class);

  private ChainSurgery() {}

  /**
   * Writes a node's cached metadata and data to its file, by reopening it as it is. QEMU rewrites a
   * header at the end of a stream or commit without doing this itself.
   *
   * @param chain the chain that the node is part of at this moment
   * @param readOnly whether the node is open read-only at this moment
   */
  static void flush(
      BlockHost host, String disk, List<JournalImage> chain, String node, boolean readOnly) {
    host.execute(
        new BlockCommand.BlockdevReopen(List.of(options(host, disk, chain, node, readOnly))));
  }

  /**
   * Makes a node read-only again that a job has left writable. A node that cannot be reopened stays
   * as it is, which the guest does not notice.
   */
  static void makeReadOnly(BlockHost host, String disk, List<JournalImage> chain, String node) {
    if (host.retired()) {
      return;
    }
    try {
      flush(host, disk, chain, node, true);
    } catch (QmpCommandException e) {
      logger.warn(
          "Node {} of disk {} of domain {} stays writable: {}",
          node,
          disk,
          host.domainName(),
          e.description());
    }
  }

  private static ObjectNode options(
      BlockHost host, String disk, List<JournalImage> chain, String node, boolean readOnly) {
    int place =
        IntStream.range(0, chain.size())
            .filter(i -> chain.get(i).node().equals(node))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no node " + node + " in " + chain));
    Optional<String> below =
        place + 1 < chain.size() ? Optional.of(chain.get(place + 1).node()) : Optional.empty();
    return BlockdevOptions.format(chain.get(place).imageNode(), below, readOnly, host.policy(disk));
  }
}
