package dev.drover.spi.chain;

import java.nio.file.Path;

/** What a comparison has to ask of the file system that the images lie in. */
public interface ChainFiles {

  /** Whether two paths lead to one file, however they are spelled. */
  boolean same(String one, String other);

  /** Whether there is a file at a path. */
  boolean exists(String path);

  /** Where a reference leads that stands in the header of an image. */
  static String resolve(String image, String reference) {
    String plain = reference.startsWith("file:") ? reference.substring(5) : reference;
    return Path.of(image).resolveSibling(plain).normalize().toString();
  }
}
