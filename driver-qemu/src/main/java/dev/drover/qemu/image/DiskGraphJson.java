package dev.drover.qemu.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.v1.ChainImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk's graph as records in the store keep it: JSON with the API's messages inside as base64, so
 * that a field added later needs no migration.
 */
public final class DiskGraphJson {

  private DiskGraphJson() {}

  /** Writes a graph into an empty object. */
  public static void write(DiskGraph disk, ObjectNode entry) {
    entry.put("target", disk.target());
    entry.put("devicePath", disk.devicePath());
    ArrayNode images = entry.putArray("images");
    for (ImageNode image : disk.images()) {
      images
          .addObject()
          .put("image", image.image().toByteArray())
          .put("formatNode", image.formatNode())
          .put("fileNode", image.fileNode());
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException where it holds something else
   */
  public static DiskGraph read(JsonNode entry) throws IOException {
    List<ImageNode> images = new ArrayList<>();
    for (JsonNode image : entry.required("images")) {
      images.add(
          new ImageNode(
              ChainImage.parseFrom(image.required("image").binaryValue()),
              image.required("formatNode").textValue(),
              image.required("fileNode").textValue()));
    }
    return new DiskGraph(
        entry.required("target").textValue(), entry.required("devicePath").textValue(), images);
  }
}
