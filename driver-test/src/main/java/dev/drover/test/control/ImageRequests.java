package dev.drover.test.control;

import dev.drover.spi.error.DriverException;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.Clusters;
import dev.drover.test.model.ImageHeader;
import dev.drover.testing.v1.ChangeImageRequest;
import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Makes images as tests describe them. */
final class ImageRequests {

  private final World world;

  ImageRequests(World world) {
    this.world = world;
  }

  /**
   * Makes an image; one that cannot be made whole is not left behind.
   *
   * @throws DriverException PATH_NOT_ALLOWED, INVALID_ARGUMENT, OUT_OF_RANGE, DESTINATION_EXISTS,
   *     BACKING_IMAGE_INVALID where the size was to be taken from a backing image that does not
   *     exist, NO_SPACE
   */
  void create(CreateImageRequest request) {
    requireAbsolute(request.getPath());
    ImageFormat format =
        format("format", request.getFormat())
            .orElseThrow(() -> invalid("format", "give the format: raw or qcow2"));
    ImageHeader header =
        new ImageHeader(
            request.getBackingReference(), format("backing_format", request.getBackingFormat()));
    if (header.hasBacking() && format == ImageFormat.IMAGE_FORMAT_RAW) {
      throw invalid("backing_reference", "a raw image has no backing image; choose qcow2");
    }
    long size = size(request);
    if (size == 0) {
      throw invalid(
          "virtual_size_bytes",
          "image '%s' has neither a size nor a backing image to take it from; give virtual_size_bytes"
              .formatted(request.getPath()));
    }
    if (size < 0 || size % Clusters.SIZE_BYTES != 0) {
      throw invalid(
          "virtual_size_bytes", "the size is a multiple of %d".formatted(Clusters.SIZE_BYTES));
    }
    BlockImage image = world.images().create(request.getPath(), format, size, header);
    boolean whole = false;
    try {
      for (GuestWrite write : request.getContentsList()) {
        fill(image, write);
      }
      whole = true;
    } finally {
      if (!whole) {
        world.images().delete(image);
      }
    }
  }

  /**
   * Changes an image past the daemon.
   *
   * @throws DriverException IMAGE_NOT_FOUND, INVALID_ARGUMENT
   */
  void change(ChangeImageRequest request) {
    BlockImage image =
        world
            .images()
            .find(request.getPath())
            .orElseThrow(
                () ->
                    DriverException.of(
                        ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND,
                        "image '%s' does not exist".formatted(request.getPath()),
                        "path",
                        request.getPath()));
    switch (request.getChangeCase()) {
      case HEADER -> {
        if (image.format() == ImageFormat.IMAGE_FORMAT_RAW) {
          throw invalid("header", "a raw image has no header; choose a qcow2 image");
        }
        image.rewriteHeader(
            new ImageHeader(
                request.getHeader().getReference(),
                format("header.format", request.getHeader().getFormat())));
      }
      case REPLACE -> world.images().replaceByCopy(image);
      case REMOVE -> world.images().delete(image);
      case CHANGE_NOT_SET -> throw invalid("change", "say what happens to the image");
    }
  }

  /**
   * Checks that a write does not go beyond the end of an image.
   *
   * @throws DriverException OUT_OF_RANGE
   */
  static void requireWithin(GuestWrite write, BlockImage image) {
    if (write.getOffsetBytes() > image.virtualSizeBytes() - write.getLengthBytes()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_OUT_OF_RANGE,
          "a write of %d bytes at %d goes beyond the end of '%s', which is at %d"
              .formatted(
                  write.getLengthBytes(),
                  write.getOffsetBytes(),
                  image.path(),
                  image.virtualSizeBytes()),
          "field",
          "writes",
          "maximum",
          Long.toString(image.virtualSizeBytes()));
    }
  }

  private void fill(BlockImage image, GuestWrite write) {
    requireWithin(write, image);
    long first = write.getOffsetBytes() / Clusters.SIZE_BYTES;
    long end = first + write.getLengthBytes() / Clusters.SIZE_BYTES;
    for (long cluster = first; cluster < end; cluster++) {
      if (!image.write(cluster, write.getPattern())) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_NO_SPACE,
            "the test host's disk is full: '%s' was not created".formatted(image.path()),
            "path",
            image.path());
      }
    }
  }

  private long size(CreateImageRequest request) {
    if (request.getVirtualSizeBytes() != 0 || request.getBackingReference().isEmpty()) {
      return request.getVirtualSizeBytes();
    }
    Path directory = Path.of(request.getPath()).resolveSibling(request.getBackingReference());
    return world
        .images()
        .find(directory.toString())
        .map(BlockImage::virtualSizeBytes)
        .orElseThrow(
            () ->
                DriverException.of(
                    ErrorReason.ERROR_REASON_BACKING_IMAGE_INVALID,
                    "backing image '%s' of '%s' does not exist; create it first or give the size"
                        .formatted(request.getBackingReference(), request.getPath()),
                    "path",
                    request.getPath(),
                    "backing",
                    request.getBackingReference()));
  }

  private static void requireAbsolute(String path) {
    boolean allowed;
    try {
      allowed = Path.of(path).isAbsolute();
    } catch (InvalidPathException e) {
      throw notAllowed(path, e);
    }
    if (!allowed) {
      throw notAllowed(path, new IllegalArgumentException("a relative path"));
    }
  }

  private static DriverException notAllowed(String path, Exception cause) {
    return DriverException.causedBy(
        cause,
        ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
        "path '%s' is not an absolute path; write it from the root".formatted(path),
        "path",
        path);
  }

  private static Optional<ImageFormat> format(String field, String name) {
    return switch (name) {
      case "raw" -> Optional.of(ImageFormat.IMAGE_FORMAT_RAW);
      case "qcow2" -> Optional.of(ImageFormat.IMAGE_FORMAT_QCOW2);
      case "" -> Optional.empty();
      default -> throw invalid(field, "no format '%s'; choose raw or qcow2".formatted(name));
    };
  }

  private static DriverException invalid(String field, String why) {
    return DriverException.of(ErrorReason.ERROR_REASON_INVALID_ARGUMENT, why, "field", field);
  }
}
