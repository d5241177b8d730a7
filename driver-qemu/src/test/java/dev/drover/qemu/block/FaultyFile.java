package dev.drover.qemu.block;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Lets the storage of one image fail once, by QEMU's {@code blkdebug} in the place of its file.
 *
 * @param image name of the image
 * @param event what fails: {@code write_aio} or {@code read_aio}
 * @param errno the error
 */
record FaultyFile(String image, String event, int errno) {

  static final int EIO = 5;
  static final int ENOSPC = 28;

  /** The node itself, or where it is the image's file, one that fails in its place. */
  ObjectNode around(ObjectNode node) {
    if (!node.path("filename").asText().endsWith("/" + image + ".qcow2")) {
      return node;
    }
    ObjectNode faulty = JsonNodeFactory.instance.objectNode();
    faulty.put("driver", "blkdebug").put("node-name", node.path("node-name").asText());
    ObjectNode file = node.deepCopy();
    file.remove("node-name");
    faulty.set("image", file);
    faulty
        .putArray("inject-error")
        .addObject()
        .put("event", event)
        .put("errno", errno)
        .put("once", true);
    return faulty;
  }
}
