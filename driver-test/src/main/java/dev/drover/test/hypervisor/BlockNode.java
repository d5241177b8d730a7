package dev.drover.test.hypervisor;

import dev.drover.test.model.BlockImage;
import dev.drover.v1.ChainImage;

/**
 * An image as a guest or job has it open.
 *
 * @param name node-name, unique for the disk
 * @param image the image
 */
public record BlockNode(String name, BlockImage image) {

  /** An image as the API describes it, its index still to be set. */
  public static ChainImage describe(BlockImage image, String nodeName) {
    return ChainImage.newBuilder()
        .setPath(image.path())
        .setFormat(image.format())
        .setVirtualSizeBytes(image.virtualSizeBytes())
        .setAllocatedBytes(image.allocatedBytes())
        .setBackingReference(image.header().reference())
        .setNodeName(nodeName)
        .build();
  }
}
