package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;

/** One action of a {@code transaction}; all of them happen, or none. */
public sealed interface TransactionAction {

  /** The action as QEMU expects it: {@code {"type": …, "data": {…}}}. */
  JsonNode toJson();

  /**
   * {@code blockdev-snapshot}: puts an overlay, opened with {@code "backing": null}, above a node.
   *
   * @param node the present root node of the disk
   * @param overlay the node that becomes root
   */
  record BlockdevSnapshot(String node, String overlay) implements TransactionAction {
    @Override
    public JsonNode toJson() {
      return action(
          "blockdev-snapshot",
          Arguments.arguments().put("node", node).put("overlay", overlay).build());
    }
  }

  /**
   * {@code blockdev-snapshot-internal-sync}: has an image keep what it holds inside itself.
   *
   * @param node root node of the disk
   * @param name what the image calls it
   */
  record InternalSnapshot(String node, String name) implements TransactionAction {
    @Override
    public JsonNode toJson() {
      return action(
          "blockdev-snapshot-internal-sync",
          Arguments.arguments().put("device", node).put("name", name).build());
    }
  }

  /** {@code abort}: makes the whole transaction fail; for trying one out. */
  record Abort() implements TransactionAction {
    @Override
    public JsonNode toJson() {
      return action("abort", Arguments.none());
    }
  }

  private static JsonNode action(String type, JsonNode data) {
    return Arguments.arguments().put("type", type).put("data", data).build();
  }
}
