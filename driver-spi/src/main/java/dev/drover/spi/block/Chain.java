package dev.drover.spi.block;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A disk's backing chain, from the active image down to the base. Immutable.
 *
 * @param domain name of the domain, for errors
 * @param disk target of the disk
 * @param images the images; their indexes equal their places
 */
public record Chain(String domain, String disk, List<ChainImage> images) {

  /** Copies the images and gives each the index of its place. */
  public Chain {
    List<ChainImage> numbered = new ArrayList<>();
    for (ChainImage image : images) {
      numbered.add(image.toBuilder().setIndex(numbered.size()).build());
    }
    if (numbered.isEmpty()) {
      throw new IllegalArgumentException("a chain has at least its active image");
    }
    images = List.copyOf(numbered);
  }

  /** The image the guest writes to. */
  public ChainImage active() {
    return images.getFirst();
  }

  /** The lowest image. */
  public ChainImage bottom() {
    return images.getLast();
  }

  /** Whether an image is one of them. */
  public boolean holds(String path) {
    return images.stream().anyMatch(image -> image.getPath().equals(path));
  }

  /** The image directly below, where there is one. */
  public Optional<ChainImage> below(ChainImage image) {
    int next = image.getIndex() + 1;
    return next < images.size() ? Optional.of(images.get(next)) : Optional.empty();
  }

  /** The image directly above, where there is one. */
  public Optional<ChainImage> above(ChainImage image) {
    return image.getIndex() == 0 ? Optional.empty() : Optional.of(images.get(image.getIndex() - 1));
  }

  /** The images from {@code from} down to, without, {@code to}. */
  public List<ChainImage> between(ChainImage from, ChainImage to) {
    return images.subList(from.getIndex(), to.getIndex());
  }

  /**
   * The image that a request means: {@code disk} for the active one, {@code disk[index]}, a path,
   * or the reference that the image above holds in its header.
   *
   * @throws DriverException IMAGE_NOT_IN_CHAIN (B4)
   */
  public ChainImage find(String name) {
    if (name.equals(disk)) {
      return active();
    }
    for (ChainImage image : images) {
      boolean referenced =
          above(image).map(upper -> upper.getBackingReference().equals(name)).orElse(false);
      if (image.getPath().equals(name)
          || name.equals(disk + "[" + image.getIndex() + "]")
          || referenced) {
        return image;
      }
    }
    String paths =
        String.join(" <- ", images.reversed().stream().map(ChainImage::getPath).toList());
    throw DriverException.of(
        ErrorReason.ERROR_REASON_IMAGE_NOT_IN_CHAIN,
        "image '%s' is not in the backing chain of disk '%s' of domain '%s', which is %s"
            .formatted(name, disk, domain, paths),
        "domain",
        domain,
        "disk",
        disk,
        "image",
        name,
        "chain",
        paths);
  }

  /**
   * How the header of {@code upper} should name {@code lower}, an image further down: relative
   * where every reference on the way is relative, so that a moved directory stays whole (R8, E13),
   * else absolute.
   *
   * @param keepRelative true to insist on a relative reference
   * @throws DriverException RELATIVE_BACKING_IMPOSSIBLE
   */
  public String reference(ChainImage upper, ChainImage lower, boolean keepRelative) {
    boolean relative =
        between(upper, lower).stream()
            .allMatch(
                image ->
                    !image.getBackingReference().isEmpty()
                        && !Path.of(image.getBackingReference()).isAbsolute());
    if (relative) {
      Path directory = Path.of(upper.getPath()).normalize().getParent();
      if (directory != null) {
        return directory.relativize(Path.of(lower.getPath()).normalize()).toString();
      }
    }
    if (keepRelative) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_RELATIVE_BACKING_IMPOSSIBLE,
          ("cannot keep a relative reference from '%s' to '%s': a header between them holds an"
                  + " absolute one; leave out keep_relative")
              .formatted(upper.getPath(), lower.getPath()),
          "image",
          upper.getPath());
    }
    return lower.getPath();
  }

  /** The chain that begins at an image of this one. */
  public Chain from(ChainImage first) {
    return new Chain(domain, disk, images.subList(first.getIndex(), images.size()));
  }

  /** The image as a spec names it. */
  public static Image source(ChainImage image) {
    return Image.newBuilder().setPath(image.getPath()).setFormat(image.getFormat()).build();
  }
}
