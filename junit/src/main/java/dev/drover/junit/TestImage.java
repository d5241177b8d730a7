package dev.drover.junit;

import dev.drover.testing.v1.CreateImageRequest;
import dev.drover.testing.v1.GuestWrite;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;

/**
 * An image file to be made in a {@link TestWorld}: qcow2, 64 MiB large and empty unless it is told
 * otherwise. Sizes and places are in bytes, multiples of 65536.
 */
public final class TestImage {

  private static final long DEFAULT_BYTES = 64L << 20;

  private final TestWorld world;
  private final CreateImageRequest.Builder request;
  private ImageFormat format = ImageFormat.IMAGE_FORMAT_QCOW2;

  TestImage(TestWorld world, String path) {
    this.world = world;
    this.request = CreateImageRequest.newBuilder().setPath(path);
  }

  /** Makes it a raw image, which has no header and no backing image. */
  public TestImage raw() {
    format = ImageFormat.IMAGE_FORMAT_RAW;
    return this;
  }

  /** Size of the disk it shows. */
  public TestImage size(long bytes) {
    request.setVirtualSizeBytes(bytes);
    return this;
  }

  /** Puts it over another image, whose size it takes unless it is given one. */
  public TestImage over(Image backing) {
    request
        .setBackingReference(backing.getPath())
        .setBackingFormat(TestWorld.formatName(backing.getFormat()));
    return this;
  }

  /**
   * Fills a range with one byte.
   *
   * @param pattern the byte, 0 to 255
   */
  public TestImage filled(long offset, long length, int pattern) {
    request.addContents(
        GuestWrite.newBuilder().setOffsetBytes(offset).setLengthBytes(length).setPattern(pattern));
    return this;
  }

  /**
   * Makes the file.
   *
   * @return the image, as disks name it
   * @throws dev.drover.client.DroverException INVALID_ARGUMENT, DESTINATION_EXISTS
   */
  public Image create() {
    if (request.getVirtualSizeBytes() == 0 && request.getBackingReference().isEmpty()) {
      request.setVirtualSizeBytes(DEFAULT_BYTES);
    }
    world.create(request.setFormat(TestWorld.formatName(format)).build());
    return Image.newBuilder().setPath(request.getPath()).setFormat(format).build();
  }
}
