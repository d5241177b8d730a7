package dev.drover.qemu.block;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.qemu.image.BlockdevOptions;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.qmp.Acknowledged;
import dev.drover.qemu.qmp.BlockCommand;
import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.QmpAnswer;
import dev.drover.qemu.qmp.QmpCommandException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The small steps by which a job's nodes are flushed, let go and put back; each may be repeated. In
 * a process that was retired nothing is left to be let go.
 */
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

  /** Forgets a concluded job; one that QEMU does not know is no error. */
  static void dismiss(BlockHost host, String jobId) {
    if (host.retired()) {
      return;
    }
    awaitDismissed(host.send(new BlockJobCommand.JobDismiss(jobId)), jobId);
  }

  private static void awaitDismissed(QmpAnswer<Acknowledged> dismissed, String jobId) {
    try {
      dismissed.await();
    } catch (QmpCommandException e) {
      logger.debug("Job {} was dismissed before: {}", jobId, e.description());
    }
  }

  /**
   * Forgets a concluded job and deletes the nodes of images that no chain needs any more, from the
   * top down, without waiting for one command before the next is sent.
   *
   * @param graph the nodes that there are; empty where that is not known
   * @return what could not be deleted, for people
   */
  static List<String> letGo(
      BlockHost host, String jobId, Optional<LiveGraph> graph, List<JournalImage> images) {
    if (host.retired()) {
      return List.of();
    }
    QmpAnswer<Acknowledged> dismissed = host.send(new BlockJobCommand.JobDismiss(jobId));
    List<Deletion> deletions = sendDeletions(host, graph, images);
    awaitDismissed(dismissed, jobId);
    return left(deletions);
  }

  /**
   * Deletes the nodes of images that no chain needs any more, from the top down.
   *
   * @return what could not be deleted, for people
   */
  static List<String> deleteNodes(BlockHost host, List<JournalImage> images) {
    return host.retired() ? List.of() : left(sendDeletions(host, LiveGraph.of(host), images));
  }

  private record Deletion(String node, QmpAnswer<Acknowledged> answer) {}

  private static List<Deletion> sendDeletions(
      BlockHost host, Optional<LiveGraph> graph, List<JournalImage> images) {
    return images.stream()
        .flatMap(image -> Stream.of(image.node(), image.fileNode()))
        .filter(node -> graph.map(known -> known.has(node)).orElse(true))
        .map(node -> new Deletion(node, host.send(new BlockCommand.BlockdevDel(node))))
        .toList();
  }

  private static List<String> left(List<Deletion> deletions) {
    return deletions.stream().flatMap(deletion -> left(deletion).stream()).toList();
  }

  private static Optional<String> left(Deletion deletion) {
    try {
      deletion.answer().await();
      return Optional.empty();
    } catch (QmpCommandException e) {
      return Optional.of(
          "node '%s' stays open until the domain stops: %s"
              .formatted(deletion.node(), e.description()));
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
