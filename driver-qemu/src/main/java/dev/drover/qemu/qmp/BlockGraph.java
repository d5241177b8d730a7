package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * The whole block graph ({@code x-debug-query-block-graph}); for diagnostics, its shape is not
 * promised by QEMU.
 *
 * @param nodes backends, jobs and nodes
 * @param edges who uses whom
 */
public record BlockGraph(List<Vertex> nodes, List<Edge> edges) {
  /** Copies the lists. */
  public BlockGraph {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  /**
   * A vertex.
   *
   * @param id number that edges refer to
   * @param type {@code block-backend}, {@code block-job} or {@code block-driver}
   * @param name backend name, job id or node name
   */
  public record Vertex(long id, String type, String name) {}

  /**
   * A use of one vertex by another.
   *
   * @param parent the user's id
   * @param child the used node's id
   * @param name role, for example {@code backing}
   * @param permissions permissions taken
   * @param sharedPermissions permissions left to others
   */
  public record Edge(
      long parent,
      long child,
      String name,
      List<String> permissions,
      List<String> sharedPermissions) {
    /** Copies the lists. */
    public Edge {
      permissions = List.copyOf(permissions);
      sharedPermissions = List.copyOf(sharedPermissions);
    }
  }

  static BlockGraph decode(JsonNode node) {
    return new BlockGraph(
        Fields.list(
            Fields.required(node, "nodes"),
            vertex ->
                new Vertex(
                    Fields.number(vertex, "id"),
                    Fields.text(vertex, "type"),
                    Fields.text(vertex, "name"))),
        Fields.list(
            Fields.required(node, "edges"),
            edge ->
                new Edge(
                    Fields.number(edge, "parent"),
                    Fields.number(edge, "child"),
                    Fields.text(edge, "name"),
                    Fields.optionalList(edge, "perm", JsonNode::asText),
                    Fields.optionalList(edge, "shared-perm", JsonNode::asText))));
  }
}
