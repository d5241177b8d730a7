package dev.drover.spi.block;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;

/** How long paths of images may be, on a host as well as in the header of an image. */
public final class PathLimits {

  /** Most bytes of a path: Linux's PATH_MAX without its end. */
  private static final int PATH_BYTES = 4095;

  /** Most bytes of each name in a path: Linux's NAME_MAX. */
  private static final int NAME_BYTES = 255;

  /** Most bytes of a backing file's name in a qcow2 header. */
  public static final int REFERENCE_BYTES = 1023;

  private PathLimits() {}

  /** What is too long about a path, for people; empty: nothing. */
  public static Optional<String> excess(String path) {
    if (bytes(path) > PATH_BYTES) {
      return Optional.of("it has %d bytes, and %d is the most".formatted(bytes(path), PATH_BYTES));
    }
    return Stream.of(path.split("/", -1))
        .filter(name -> bytes(name) > NAME_BYTES)
        .map(
            name ->
                "a name in it has %d bytes, and %d is the most".formatted(bytes(name), NAME_BYTES))
        .findFirst();
  }

  /**
   * Refuses an image that no qcow2 header could name as its backing image.
   *
   * @param upper the image above it
   * @param reference what the header is to say
   * @throws DriverException BACKING_IMAGE_INVALID
   */
  public static void requireNameable(String upper, String reference) {
    if (bytes(reference) > REFERENCE_BYTES) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
          ("the header of '%s' cannot name its backing image, since '%s' has %d bytes and %d is the"
                  + " most; move the image to a shorter path first")
              .formatted(upper, reference, bytes(reference), REFERENCE_BYTES),
          "path",
          upper,
          "backing",
          reference);
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
