package dev.drover.test.control;

import dev.drover.spi.CallContext;
import dev.drover.spi.error.DriverException;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.test.model.BlockView;
import dev.drover.test.model.DiskContents;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.testing.v1.ReadImageRequest;
import dev.drover.testing.v1.ReadImageResponse;
import dev.drover.v1.ErrorReason;
import java.util.List;
import java.util.Optional;

/** Reads images as tests ask for them. */
final class ImageReader {

  private final World world;
  private final KnownChecksums checksums = new KnownChecksums();

  ImageReader(World world) {
    this.world = world;
  }

  /** An image as it was at one moment. */
  private record Seen(ReadImageResponse.Builder header, DiskContents contents) {}

  /** Puts contents into an answer. */
  private interface Form {
    ReadImageResponse.Builder into(ReadImageResponse.Builder answer, DiskContents contents);
  }

  /**
   * Reads an image.
   *
   * @throws DriverException INVALID_ARGUMENT, DEADLINE_EXCEEDED or CALL_CANCELLED where its disk is
   *     too large for the call, and what the opening of its backing chain throws
   */
  ReadImageResponse read(CallContext call, ReadImageRequest request) {
    return switch (request.getReading()) {
      case IMAGE_READING_HEADER -> header(request.getPath());
      case IMAGE_READING_UNSPECIFIED, IMAGE_READING_CHECKSUM ->
          whole(
              request.getPath(),
              (answer, contents) ->
                  answer.setSha256(checksums.of(contents, () -> world.lock().check(call))));
      case IMAGE_READING_CONTENTS ->
          whole(request.getPath(), (answer, contents) -> answer.addAllContents(ranges(contents)));
      case UNRECOGNIZED ->
          throw DriverException.of(
              ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
              "field 'reading' is not one that is known; see ImageReading",
              "field",
              "reading");
    };
  }

  private ReadImageResponse header(String path) {
    return world
        .lock()
        .get(() -> world.images().find(path).map(ImageReader::header))
        .map(ReadImageResponse.Builder::build)
        .orElseGet(ReadImageResponse::getDefaultInstance);
  }

  /** The world goes on while contents are put into their form. */
  private ReadImageResponse whole(String path, Form form) {
    Optional<Seen> seen =
        world
            .lock()
            .get(
                () ->
                    world
                        .images()
                        .find(path)
                        .map(image -> new Seen(header(image), contents(image))));
    return seen.map(image -> form.into(image.header(), image.contents()).build())
        .orElseGet(ReadImageResponse::getDefaultInstance);
  }

  private static ReadImageResponse.Builder header(BlockImage image) {
    return ReadImageResponse.newBuilder()
        .setExists(true)
        .setBackingReference(image.header().reference())
        .setVirtualSizeBytes(image.virtualSizeBytes())
        .addAllMoments(image.moments());
  }

  private DiskContents contents(BlockImage image) {
    return new BlockView(world.images().open(image.path(), image.format())).contents();
  }

  private static List<GuestWrite> ranges(DiskContents disk) {
    return disk.ranges().stream()
        .map(
            range ->
                GuestWrite.newBuilder()
                    .setOffsetBytes(range.offsetBytes())
                    .setLengthBytes(range.lengthBytes())
                    .setPattern(range.value())
                    .build())
        .toList();
  }
}
