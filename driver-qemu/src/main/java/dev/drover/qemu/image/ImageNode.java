package dev.drover.qemu.image;

import dev.drover.v1.ChainImage;

/**
 * One image of a chain as QEMU has it open: a format node above a file node. A raw image has a
 * format node too, so that a header above it never gets the format "file".
 *
 * @param image the image; its node name is that of the format node
 * @param formatNode node that understands the format, the one block jobs name
 * @param fileNode node that opens the file
 */
public record ImageNode(ChainImage image, String formatNode, String fileNode) {

  private static final String FILE_SUFFIX = "-file";

  /** Gives the image the name of its format node. */
  public ImageNode {
    image = image.toBuilder().setNodeName(formatNode).build();
  }

  /**
   * The name of a disk's node of this number, at most 31 characters even with what {@link #named}
   * adds.
   */
  public static String nodeName(String target, int number) {
    return target + "-" + number;
  }

  /**
   * An image under a name from {@link #nodeName}.
   *
   * @param nodeName name of the format node; the file node's name is derived from it
   */
  public static ImageNode named(ChainImage image, String nodeName) {
    return new ImageNode(image, nodeName, nodeName + FILE_SUFFIX);
  }

  /** The same nodes with other facts about the image. */
  public ImageNode with(ChainImage changed) {
    return new ImageNode(changed, formatNode, fileNode);
  }
}
