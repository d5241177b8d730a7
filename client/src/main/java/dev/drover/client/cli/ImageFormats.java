package dev.drover.client.cli;

import dev.drover.v1.ImageFormat;

/** Reads the short names of image formats. */
final class ImageFormats {
  private ImageFormats() {}

  static ImageFormat parse(String text) {
    return switch (text) {
      case "raw" -> ImageFormat.IMAGE_FORMAT_RAW;
      case "qcow2" -> ImageFormat.IMAGE_FORMAT_QCOW2;
      default ->
          throw new CommandFailure(
              "Image format '%s' is not known: use raw or qcow2".formatted(text));
    };
  }

  /**
   * Reads an attribute that must be there.
   *
   * @throws XmlElement.Fault with the line of the element
   */
  static ImageFormat of(XmlElement element, String attribute) throws XmlElement.Fault {
    String text = element.required(attribute);
    return element.understood(() -> parse(text));
  }
}
