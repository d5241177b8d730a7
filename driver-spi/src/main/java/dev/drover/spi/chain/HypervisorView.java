package dev.drover.spi.chain;

import dev.drover.v1.ChainImage;
import java.util.List;
import java.util.Set;

/**
 * A disk's chain as a running hypervisor has it open.
 *
 * @param images the images from the node the device reads down, with their node names
 * @param headers what the header of each of them says, in the same order
 * @param record the images as the daemon has recorded them
 * @param replaced paths of images whose file is not the one that the hypervisor has open
 * @param foreignJobs jobs on the disk that are none of the daemon's, as the hypervisor calls them
 * @param understood false where it has nodes in the chain of which the daemon cannot tell the image
 * @param writesAnyBackingFormat false where it can only write a header whose backing image has the
 *     format of the image itself
 */
public record HypervisorView(
    List<ChainImage> images,
    List<HeaderView> headers,
    List<ChainImage> record,
    Set<String> replaced,
    List<String> foreignJobs,
    boolean understood,
    boolean writesAnyBackingFormat) {

  /** Copies the collections. */
  public HypervisorView {
    images = List.copyOf(images);
    headers = List.copyOf(headers);
    record = List.copyOf(record);
    replaced = Set.copyOf(replaced);
    foreignJobs = List.copyOf(foreignJobs);
    if (images.size() != headers.size()) {
      throw new IllegalArgumentException("a header for each image is needed");
    }
  }
}
