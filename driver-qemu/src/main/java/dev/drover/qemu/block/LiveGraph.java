package dev.drover.qemu.block;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.qmp.BlockGraph;
import dev.drover.qemu.qmp.QmpAnswer;
import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.qemu.qmp.QueryCommand;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The block graph as QEMU has it at this moment. It is asked by a command that is safe beside every
 * job; QEMU does not promise the command for ever, so its absence is told.
 *
 * @param graph the graph
 */
record LiveGraph(BlockGraph graph) {

  private static final String NODE = "block-driver";
  private static final String JOB = "block-job";
  private static final String BACKING = "backing";
  private static final String FILE = "file";

  /** Asks QEMU; empty where it does not have the command. */
  static Optional<LiveGraph> of(BlockHost host) {
    return ask(host).await();
  }

  /** {@link #of} for awaiting it later. */
  static QmpAnswer<Optional<LiveGraph>> ask(BlockHost host) {
    QmpAnswer<BlockGraph> asked = host.send(new QueryCommand.QueryBlockGraph());
    return () -> answer(asked);
  }

  private static Optional<LiveGraph> answer(QmpAnswer<BlockGraph> asked) {
    try {
      return Optional.of(new LiveGraph(asked.await()));
    } catch (QmpCommandException e) {
      if (e.isCommandNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * How the nodes of a disk that no job works on differ from those on record; empty where they
   * agree, or QEMU does not tell.
   */
  static Optional<String> difference(BlockHost host, DiskGraph record) {
    List<String> expected = record.images().stream().map(ImageNode::formatNode).toList();
    return of(host)
        .map(graph -> host.deviceNode(record.target()).map(graph::chain).orElseGet(List::of))
        .filter(found -> !found.equals(expected))
        .map(found -> "its nodes are %s instead of %s".formatted(found, expected));
  }

  /** True where there is a node of this name. */
  boolean has(String node) {
    return graph.nodes().stream()
        .anyMatch(vertex -> vertex.type().equals(NODE) && vertex.name().equals(node));
  }

  /** Names of the nodes from one down its backing links. */
  List<String> chain(String root) {
    List<String> names = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    Optional<BlockGraph.Vertex> current = named(root);
    while (current.isPresent() && seen.add(current.get().id())) {
      BlockGraph.Vertex vertex = current.get();
      names.add(vertex.name());
      current =
          graph.edges().stream()
              .filter(edge -> edge.parent() == vertex.id() && edge.name().equals(BACKING))
              .findFirst()
              .flatMap(edge -> vertex(edge.child()));
    }
    return names;
  }

  /** Name of the node that a format node has its data from. */
  Optional<String> fileNode(String formatNode) {
    return named(formatNode)
        .flatMap(
            vertex ->
                graph.edges().stream()
                    .filter(edge -> edge.parent() == vertex.id() && edge.name().equals(FILE))
                    .findFirst())
        .flatMap(edge -> vertex(edge.child()))
        .map(BlockGraph.Vertex::name);
  }

  /** True where a job uses a node that lies below this one, or this one. */
  boolean jobUses(String jobId, String root) {
    Set<Long> below = new HashSet<>();
    named(root).ifPresent(vertex -> collect(vertex.id(), below));
    return graph.nodes().stream()
        .filter(vertex -> vertex.type().equals(JOB) && vertex.name().equals(jobId))
        .anyMatch(
            job ->
                graph.edges().stream()
                    .anyMatch(edge -> edge.parent() == job.id() && below.contains(edge.child())));
  }

  private void collect(long id, Set<Long> seen) {
    if (seen.add(id)) {
      graph.edges().stream()
          .filter(edge -> edge.parent() == id)
          .forEach(edge -> collect(edge.child(), seen));
    }
  }

  private Optional<BlockGraph.Vertex> named(String node) {
    return graph.nodes().stream()
        .filter(vertex -> vertex.type().equals(NODE) && vertex.name().equals(node))
        .findFirst();
  }

  private Optional<BlockGraph.Vertex> vertex(long id) {
    return graph.nodes().stream().filter(vertex -> vertex.id() == id).findFirst();
  }
}
