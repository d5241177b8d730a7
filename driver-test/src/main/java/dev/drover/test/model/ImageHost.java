package dev.drover.test.model;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The file system of the test host: images by path. Changes are made under the {@link
 * dev.drover.test.clock.WorldLock}; looking up takes no lock.
 */
public final class ImageHost {

  private final Map<String, BlockImage> images = new ConcurrentHashMap<>();
  private final Space space;

  /** Makes an empty file system with room for this many bytes of image data. */
  public ImageHost(long capacityBytes) {
    this.space = new Space(capacityBytes);
  }

  /** The file of a path, where there is one. */
  public Optional<BlockImage> find(String path) {
    return Optional.ofNullable(images.get(normal(path)));
  }

  /** The room there is. */
  public Space space() {
    return space;
  }

  /**
   * Makes a file without contents.
   *
   * @throws DriverException DESTINATION_EXISTS
   */
  public BlockImage create(
      String path, ImageFormat format, long virtualSizeBytes, ImageHeader header) {
    BlockImage image = new BlockImage(normal(path), format, virtualSizeBytes, header, space);
    if (images.putIfAbsent(image.path(), image) != null) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DESTINATION_EXISTS,
          "'%s' already exists; choose another path".formatted(image.path()),
          "path",
          image.path());
    }
    return image;
  }

  /** Removes a file. Who has it open keeps it open, but nobody finds it any more. */
  public void delete(BlockImage image) {
    if (images.remove(image.path(), image)) {
      image.release();
    }
  }

  /** Puts a copy of a file in its place, as a restored backup is. Who has it open keeps it open. */
  public void replaceByCopy(BlockImage image) {
    images.replace(image.path(), image, image.copy());
  }

  /**
   * The images of a chain, opened from the topmost down as their headers say.
   *
   * @param path the topmost image
   * @param format its declared format
   * @throws DriverException IMAGE_NOT_FOUND or IMAGE_FORMAT_MISMATCH for the topmost image,
   *     BACKING_IMAGE_INVALID or BACKING_FORMAT_MISSING for what lies below
   */
  public List<BlockImage> open(String path, ImageFormat format) {
    BlockImage top =
        find(path)
            .orElseThrow(
                () ->
                    DriverException.of(
                        ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND,
                        "image '%s' does not exist; create it or correct the path".formatted(path),
                        "path",
                        path));
    if (top.format() != format) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_FORMAT_MISMATCH,
          "image '%s' is %s, not %s as declared; correct the format"
              .formatted(path, formatName(top.format()), formatName(format)),
          "path",
          path,
          "format",
          formatName(format));
    }
    List<BlockImage> result = new ArrayList<>();
    result.add(top);
    while (result.getLast().header().hasBacking()) {
      result.add(openBacking(result));
    }
    return result;
  }

  /** The images that the headers name, as far as they can be followed; never fails. */
  public List<BlockImage> follow(String path) {
    List<BlockImage> result = new ArrayList<>();
    Optional<BlockImage> next = find(path);
    while (next.isPresent() && !result.contains(next.get())) {
      BlockImage image = next.get();
      result.add(image);
      next =
          image.header().hasBacking()
              ? find(resolve(image, image.header().reference()))
              : Optional.empty();
    }
    return result;
  }

  /** The path that a reference in the header of an image means. */
  public static String resolve(BlockImage image, String reference) {
    Path directory = Path.of(image.path()).getParent();
    return directory == null ? reference : directory.resolve(reference).normalize().toString();
  }

  /** A format as people call it. */
  public static String formatName(ImageFormat format) {
    return switch (format) {
      case IMAGE_FORMAT_RAW -> "raw";
      case IMAGE_FORMAT_QCOW2 -> "qcow2";
      case IMAGE_FORMAT_UNSPECIFIED, UNRECOGNIZED -> "unspecified";
    };
  }

  private BlockImage openBacking(List<BlockImage> above) {
    BlockImage image = above.getLast();
    String reference = image.header().reference();
    String path = resolve(image, reference);
    ImageFormat format =
        image
            .header()
            .format()
            .orElseThrow(
                () ->
                    DriverException.of(
                        ErrorReason.ERROR_REASON_BACKING_FORMAT_MISSING,
                        ("the header of '%s' names the backing image '%s' without its format; write"
                                + " the format into the header")
                            .formatted(image.path(), reference),
                        "path",
                        image.path(),
                        "backing",
                        reference));
    BlockImage backing =
        find(path).orElseThrow(() -> invalid(image, path, "it does not exist; restore the file"));
    if (backing.format() != format) {
      throw invalid(
          image,
          path,
          "it is %s, not %s as the header says"
              .formatted(formatName(backing.format()), formatName(format)));
    }
    if (above.contains(backing)) {
      throw invalid(image, path, "the chain leads back to itself");
    }
    return backing;
  }

  private static DriverException invalid(BlockImage image, String backing, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
        "backing image '%s' of '%s' cannot be used: %s".formatted(backing, image.path(), why),
        "path",
        image.path(),
        "backing",
        backing);
  }

  private static String normal(String path) {
    return Path.of(path).normalize().toString();
  }
}
