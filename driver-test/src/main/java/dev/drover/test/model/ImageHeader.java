package dev.drover.test.model;

import dev.drover.v1.ImageFormat;
import java.util.Optional;

/**
 * What a qcow2 header says about the image below.
 *
 * @param reference name of the backing image as it was written, absolute or relative to the
 *     directory of the image; empty: none
 * @param format declared format of the backing image; empty: not declared, and such a chain is
 *     refused, since formats are never probed (E12)
 */
public record ImageHeader(String reference, Optional<ImageFormat> format) {

  /** Header of an image without backing image; what a raw image has in effect. */
  public static final ImageHeader NONE = new ImageHeader("", Optional.empty());

  /** Header that names a backing image of a declared format. */
  public static ImageHeader backing(String reference, ImageFormat format) {
    return new ImageHeader(reference, Optional.of(format));
  }

  /** True where a backing image is named. */
  public boolean hasBacking() {
    return !reference.isEmpty();
  }
}
