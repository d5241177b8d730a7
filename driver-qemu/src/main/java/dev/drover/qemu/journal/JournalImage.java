package dev.drover.qemu.journal;

import dev.drover.qemu.image.ImageNode;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ImageFormat;

/**
 * An image of a chain with the two nodes QEMU has for it.
 *
 * @param path absolute path of the file
 * @param format its format
 * @param node node-name of the format layer
 * @param fileNode node-name of the protocol layer
 * @param backingReference what the header says about the backing image; empty: nothing
 */
public record JournalImage(
    String path, ImageFormat format, String node, String fileNode, String backingReference) {

  /** What the journal keeps of an image. */
  public static JournalImage of(ImageNode image) {
    return new JournalImage(
        image.image().getPath(),
        image.image().getFormat(),
        image.formatNode(),
        image.fileNode(),
        image.image().getBackingReference());
  }

  /** The image as the live model holds it, without sizes. */
  public ImageNode imageNode() {
    return new ImageNode(
        ChainImage.newBuilder()
            .setPath(path)
            .setFormat(format)
            .setBackingReference(backingReference)
            .build(),
        node,
        fileNode);
  }
}
