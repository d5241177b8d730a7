package dev.drover.spi.chain;

import dev.drover.v1.ChainImage;
import dev.drover.v1.ImageFormat;
import java.util.Optional;

/**
 * What the header of one image says, or why it cannot be read.
 *
 * @param image the image; where it cannot be read, its path and the format it should have
 * @param backing what it says about the image below; empty: nothing
 * @param trouble why it, or what it says, cannot be used
 */
public record HeaderView(
    ChainImage image, Optional<Backing> backing, Optional<HeaderTrouble> trouble) {

  /**
   * The image below, as a header names it.
   *
   * @param reference the name as it stands there
   * @param path where that leads
   * @param formatName the format as it stands there; empty: none is declared
   * @param format the same, where it is one that Drover knows
   */
  public record Backing(
      String reference, String path, String formatName, Optional<ImageFormat> format) {}

  /** An image that was read. */
  public static HeaderView of(ChainImage image, Optional<Backing> backing) {
    return new HeaderView(image, backing, Optional.empty());
  }

  /** An image that cannot be used. */
  public static HeaderView unusable(
      String path, ImageFormat format, HeaderTrouble.Kind kind, String text) {
    return new HeaderView(
        ChainImage.newBuilder().setPath(path).setFormat(format).build(),
        Optional.empty(),
        Optional.of(new HeaderTrouble(kind, text)));
  }

  /** True where the file is not there or cannot be read. */
  public boolean missing() {
    return trouble.filter(found -> found.kind() == HeaderTrouble.Kind.MISSING).isPresent();
  }
}
