package dev.drover.test;

import static dev.drover.test.DriverFixture.call;
import static dev.drover.test.DriverFixture.lateCall;
import static dev.drover.test.DriverFixture.refused;
import static dev.drover.test.DriverFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.ImageReading;
import dev.drover.testing.v1.ReadImageRequest;
import dev.drover.testing.v1.ReadImageResponse;
import dev.drover.v1.ErrorReason;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What tests can read of an image (R17). */
class ReadImageTest {

  @Test
  @DisplayName("Neighbours with the same byte are one range, whichever image holds them")
  void contents() {
    try (DriverFixture world = new DriverFixture()) {
      world.image("/i/base", "qcow2", "", write(0, 2, 7), write(5, 1, 7), write(8, 1, 3));
      world.image("/i/top", "qcow2", "/i/base", write(2, 1, 7), write(3, 1, 8), write(8, 1, 0));

      ReadImageResponse read = read(world, "/i/top", ImageReading.IMAGE_READING_CONTENTS);

      assertThat(read.getContentsList())
          .containsExactly(write(0, 3, 7), write(3, 1, 8), write(5, 1, 7));
      assertThat(read.getSha256()).isEmpty();
    }
  }

  @Test
  @DisplayName("What was read makes an image that shows the same")
  void again() {
    try (DriverFixture world = new DriverFixture()) {
      world.chain("/i");
      ReadImageResponse read = read(world, "/i/active", ImageReading.IMAGE_READING_CONTENTS);
      world
          .driver
          .testControl()
          .orElseThrow()
          .createImage(
              call(),
              CreateImageRequest.newBuilder()
                  .setPath("/i/again")
                  .setFormat("raw")
                  .setVirtualSizeBytes(read.getVirtualSizeBytes())
                  .addAllContents(read.getContentsList())
                  .build());

      assertThat(world.sha("/i/again")).isEqualTo(world.sha("/i/active"));
    }
  }

  @Test
  @DisplayName("A header is read where the backing chain is broken, too")
  void header() {
    try (DriverFixture world = new DriverFixture()) {
      world.image("/i/top", "qcow2", "/i/gone", write(0, 1, 7));

      ReadImageResponse read = read(world, "/i/top", ImageReading.IMAGE_READING_HEADER);

      assertThat(read.getExists()).isTrue();
      assertThat(read.getBackingReference()).isEqualTo("/i/gone");
      assertThat(read.getVirtualSizeBytes()).isPositive();
      assertThat(read.getContentsList()).isEmpty();
      assertThat(read.getSha256()).isEmpty();
    }
  }

  @Test
  @DisplayName("Nothing is told of an image that does not exist")
  void none() {
    try (DriverFixture world = new DriverFixture()) {
      for (ImageReading reading :
          new ImageReading[] {
            ImageReading.IMAGE_READING_HEADER,
            ImageReading.IMAGE_READING_CHECKSUM,
            ImageReading.IMAGE_READING_CONTENTS
          }) {
        assertThat(read(world, "/i/none", reading))
            .isEqualTo(ReadImageResponse.getDefaultInstance());
      }
    }
  }

  @Test
  @DisplayName("A checksum goes on no longer than its call, and a header costs nothing of the disk")
  void late() {
    try (DriverFixture world = new DriverFixture()) {
      world.chain("/i");
      refused(
          ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
          () ->
              world
                  .driver
                  .testControl()
                  .orElseThrow()
                  .readImage(lateCall(), ReadImageRequest.newBuilder().setPath("/i/base").build()));
      assertThat(
              world
                  .driver
                  .testControl()
                  .orElseThrow()
                  .readImage(
                      lateCall(),
                      ReadImageRequest.newBuilder()
                          .setPath("/i/base")
                          .setReading(ImageReading.IMAGE_READING_HEADER)
                          .build())
                  .getExists())
          .isTrue();
    }
  }

  @Test
  @DisplayName("A reading of a newer client is refused")
  void unknown() {
    try (DriverFixture world = new DriverFixture()) {
      world.chain("/i");
      refused(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          () ->
              world
                  .driver
                  .testControl()
                  .orElseThrow()
                  .readImage(
                      call(),
                      ReadImageRequest.newBuilder()
                          .setPath("/i/base")
                          .setReadingValue(99)
                          .build()));
    }
  }

  private static ReadImageResponse read(DriverFixture world, String path, ImageReading reading) {
    return world
        .driver
        .testControl()
        .orElseThrow()
        .readImage(call(), ReadImageRequest.newBuilder().setPath(path).setReading(reading).build());
  }
}
