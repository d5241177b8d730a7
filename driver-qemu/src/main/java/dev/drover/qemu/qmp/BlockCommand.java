package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Changes the block graph. */
public sealed interface BlockCommand extends QmpCommand<Acknowledged> {

  @Override
  default Acknowledged decode(JsonNode result) {
    return Acknowledged.ACKNOWLEDGED;
  }

  @Override
  default CommandDeadline deadline() {
    return CommandDeadline.GRAPH_CHANGE;
  }

  /**
   * {@code blockdev-add}.
   *
   * @param options the node's properties as QEMU knows them, with {@code driver} and {@code
   *     node-name}; overlays for a snapshot carry {@code "backing": null}
   */
  record BlockdevAdd(ObjectNode options) implements BlockCommand {
    /** Copies the properties. */
    public BlockdevAdd {
      options = options.deepCopy();
    }

    @Override
    public String name() {
      return "blockdev-add";
    }

    @Override
    public ObjectNode arguments() {
      return options.deepCopy();
    }
  }

  /**
   * {@code blockdev-del}. A node must be deleted before the nodes it uses.
   *
   * @param nodeName the node
   */
  record BlockdevDel(String nodeName) implements BlockCommand {
    @Override
    public String name() {
      return "blockdev-del";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("node-name", nodeName).build();
    }
  }

  /**
   * {@code blockdev-reopen}: changes properties of open nodes; with unchanged properties it flushes
   * them.
   *
   * @param options full properties of each node; what is left out goes back to its default
   */
  record BlockdevReopen(List<ObjectNode> options) implements BlockCommand {
    /** Copies the properties. */
    public BlockdevReopen {
      options = options.stream().map(ObjectNode::deepCopy).toList();
    }

    @Override
    public String name() {
      return "blockdev-reopen";
    }

    @Override
    public ObjectNode arguments() {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      options.forEach(node -> array.add(node.deepCopy()));
      return Arguments.arguments().put("options", array).build();
    }
  }

  /**
   * {@code transaction}.
   *
   * @param actions what happens together
   */
  record Transaction(List<TransactionAction> actions) implements BlockCommand {
    /** Copies the list. */
    public Transaction {
      actions = List.copyOf(actions);
    }

    @Override
    public String name() {
      return "transaction";
    }

    @Override
    public ObjectNode arguments() {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      actions.forEach(action -> array.add(action.toJson()));
      return Arguments.arguments().put("actions", array).build();
    }
  }

  /**
   * {@code block_resize}.
   *
   * @param nodeName root node of the disk
   * @param sizeBytes new size the guest sees
   */
  record BlockResize(String nodeName, long sizeBytes) implements BlockCommand {
    @Override
    public String name() {
      return "block_resize";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("node-name", nodeName).put("size", sizeBytes).build();
    }
  }

  /**
   * {@code change-backing-file}: rewrites the string in a layer's header, not the graph.
   *
   * @param device root node or device of the chain
   * @param imageNodeName the layer whose header is rewritten
   * @param backingFile the new string
   */
  record ChangeBackingFile(String device, String imageNodeName, String backingFile)
      implements BlockCommand {
    @Override
    public String name() {
      return "change-backing-file";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments()
          .put("device", device)
          .put("image-node-name", imageNodeName)
          .put("backing-file", backingFile)
          .build();
    }
  }

  /**
   * {@code blockdev-snapshot-delete-internal-sync}: has an image let go of what it keeps under a
   * name.
   *
   * @param node root node of the disk
   * @param snapshot what the image calls it
   */
  record DeleteInternalSnapshot(String node, String snapshot) implements BlockCommand {
    @Override
    public String name() {
      return "blockdev-snapshot-delete-internal-sync";
    }

    @Override
    public ObjectNode arguments() {
      return Arguments.arguments().put("device", node).put("name", snapshot).build();
    }
  }

  /**
   * {@code snapshot-save}: starts a job that has images keep what they hold, and one the memory.
   *
   * @param jobId id of the job
   * @param tag what the images call it
   * @param vmstate root node of the disk whose image keeps the memory
   * @param devices root nodes of all disks that take part
   */
  record SnapshotSave(String jobId, String tag, String vmstate, List<String> devices)
      implements BlockCommand {
    /** Copies the list. */
    public SnapshotSave {
      devices = List.copyOf(devices);
    }

    @Override
    public String name() {
      return "snapshot-save";
    }

    @Override
    public ObjectNode arguments() {
      return moment(jobId, tag, vmstate, devices);
    }
  }

  /**
   * {@code snapshot-load}: starts a job that puts disks back to what their images keep, and the
   * guest to its memory.
   *
   * @param jobId id of the job
   * @param tag what the images call it
   * @param vmstate root node of the disk whose image keeps the memory
   * @param devices root nodes of all disks that go back
   */
  record SnapshotLoad(String jobId, String tag, String vmstate, List<String> devices)
      implements BlockCommand {
    /** Copies the list. */
    public SnapshotLoad {
      devices = List.copyOf(devices);
    }

    @Override
    public String name() {
      return "snapshot-load";
    }

    @Override
    public ObjectNode arguments() {
      return moment(jobId, tag, vmstate, devices);
    }
  }

  private static ObjectNode moment(String jobId, String tag, String vmstate, List<String> devices) {
    ArrayNode nodes = JsonNodeFactory.instance.arrayNode();
    devices.forEach(nodes::add);
    return Arguments.arguments()
        .put("job-id", jobId)
        .put("tag", tag)
        .put("vmstate", vmstate)
        .put("devices", nodes)
        .build();
  }
}
