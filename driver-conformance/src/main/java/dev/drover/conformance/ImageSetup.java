package dev.drover.conformance;

import dev.drover.v1.Image;
import java.util.List;
import java.util.Optional;

/**
 * An image file to be made.
 *
 * @param image path and format
 * @param sizeBytes size of the disk it shows, a multiple of {@link Fill#BLOCK}
 * @param backing the image below, where there is one
 * @param contents what the file itself holds, written in order
 */
public record ImageSetup(
    Image image, long sizeBytes, Optional<Backing> backing, List<Fill> contents) {

  /** Copies the contents. */
  public ImageSetup {
    contents = List.copyOf(contents);
  }

  /**
   * What an image's header says about the image below.
   *
   * @param reference the text in the header, absolute or relative to the image's directory
   * @param image the image meant
   */
  public record Backing(String reference, Image image) {}
}
