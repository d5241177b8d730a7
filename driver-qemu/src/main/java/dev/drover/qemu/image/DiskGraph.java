package dev.drover.qemu.image;

import dev.drover.spi.block.Chain;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A disk that a process has open: the guest's device and the images below it, as the driver last
 * put them together. Filters of running jobs are not part of it. Immutable.
 *
 * @param target target of the disk, for example {@code vda}
 * @param devicePath path of the device in QEMU's object tree, as {@code query-block} calls it;
 *     empty where there is no guest
 * @param images the images from the active one down to the base
 */
public record DiskGraph(String target, String devicePath, List<ImageNode> images) {

  /** Copies the images, numbering them by their places. */
  public DiskGraph {
    if (images.isEmpty()) {
      throw new IllegalArgumentException("disk " + target + " needs at least one image");
    }
    List<ImageNode> given = images;
    images =
        IntStream.range(0, given.size())
            .mapToObj(
                place ->
                    given
                        .get(place)
                        .with(given.get(place).image().toBuilder().setIndex(place).build()))
            .toList();
  }

  /**
   * A disk that is going to be opened, whose nodes get the numbers that follow, from the bottom up.
   *
   * @param lastNode number that was given out last
   */
  public static DiskGraph opened(String target, String devicePath, Chain chain, int lastNode) {
    int highest = lastNode + chain.images().size();
    return new DiskGraph(
        target,
        devicePath,
        chain.images().stream()
            .map(
                image ->
                    ImageNode.named(image, ImageNode.nodeName(target, highest - image.getIndex())))
            .toList());
  }

  /** The image that the device reads and writes. */
  public ImageNode active() {
    return images.getFirst();
  }

  /** The image whose format node has this name. */
  public Optional<ImageNode> node(String formatNode) {
    return images.stream().filter(image -> image.formatNode().equals(formatNode)).findFirst();
  }

  /** The image at this path. */
  public Optional<ImageNode> at(String path) {
    return images.stream().filter(image -> image.image().getPath().equals(path)).findFirst();
  }

  /** The image directly below, where there is one. */
  public Optional<ImageNode> below(ImageNode image) {
    int next = image.image().getIndex() + 1;
    return next < images.size() ? Optional.of(images.get(next)) : Optional.empty();
  }

  /** The backing chain as plans see it. */
  public Chain chain(String domainName) {
    return new Chain(domainName, target, images.stream().map(ImageNode::image).toList());
  }

  /** The same device above other images. */
  public DiskGraph withImages(List<ImageNode> changed) {
    return new DiskGraph(target, devicePath, changed);
  }
}
