package dev.drover.qemu.image;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.v1.ImageFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The properties with which QEMU opens images, for {@code -blockdev}, {@code blockdev-add} and
 * {@code blockdev-reopen}. File nodes have auto-read-only and format nodes of backing images
 * read-only: only so do backing files stay closed for writing, and yet a commit can reopen its
 * base. Every image has a format layer, raw ones too, and every qcow2 one an explicit backing or
 * null, so that QEMU itself never follows a header.
 */
public final class BlockdevOptions {

  private BlockdevOptions() {}

  /**
   * Every node of a disk, in the order in which they must be opened: bottom to top, the file before
   * its format.
   *
   * @param readOnly whether the guest may only read
   */
  public static List<ObjectNode> chain(DiskGraph disk, IoPolicy policy, boolean readOnly) {
    List<ObjectNode> nodes = new ArrayList<>();
    for (ImageNode image : disk.images().reversed()) {
      boolean backing = image.image().getIndex() > 0;
      nodes.add(file(image, policy));
      nodes.add(
          format(image, disk.below(image).map(ImageNode::formatNode), backing || readOnly, policy));
    }
    return nodes;
  }

  /** The file node of an image. */
  public static ObjectNode file(ImageNode image, IoPolicy policy) {
    Path path = Path.of(image.image().getPath());
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("driver", protocol(path));
    node.put("node-name", image.fileNode());
    node.put("filename", image.image().getPath());
    node.put("auto-read-only", true);
    return withPolicy(node, policy);
  }

  /**
   * The format node of an image.
   *
   * @param backingNode format node of the image below; absent means none, also for an overlay that
   *     {@code blockdev-snapshot} is going to put above a node
   * @param readOnly true for backing images and for disks the guest may only read
   */
  public static ObjectNode format(
      ImageNode image, Optional<String> backingNode, boolean readOnly, IoPolicy policy) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("driver", driver(image.image().getFormat()));
    node.put("node-name", image.formatNode());
    node.put("file", image.fileNode());
    node.put("read-only", readOnly);
    if (image.image().getFormat() == ImageFormat.IMAGE_FORMAT_QCOW2) {
      backingNode.ifPresentOrElse(
          below -> node.put("backing", below), () -> node.putNull("backing"));
    } else if (backingNode.isPresent()) {
      throw new IllegalArgumentException(
          "a raw image has no backing image: " + image.image().getPath());
    }
    return withPolicy(node, policy);
  }

  /** QEMU's name of what a path leads to. */
  static String protocol(Path path) {
    return ImageFiles.isBlockDevice(path) ? "host_device" : "file";
  }

  /** QEMU's name of a format, as drivers, {@code -f} and {@code -F} spell it. */
  public static String driver(ImageFormat format) {
    return switch (format) {
      case IMAGE_FORMAT_RAW -> "raw";
      case IMAGE_FORMAT_QCOW2 -> "qcow2";
      case IMAGE_FORMAT_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("an image needs a format; none is ever guessed");
    };
  }

  private static ObjectNode withPolicy(ObjectNode node, IoPolicy policy) {
    node.put("discard", policy.unmap() ? "unmap" : "ignore");
    if (policy.direct()) {
      node.putObject("cache").put("direct", true).put("no-flush", false);
    }
    return node;
  }
}
