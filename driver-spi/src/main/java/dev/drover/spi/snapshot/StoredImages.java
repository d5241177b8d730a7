package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Image;
import java.util.Optional;

/** The image files of a driver's host, as their headers say. */
public interface StoredImages {

  /**
   * The chain below an image, itself first; empty where its file is gone.
   *
   * @param domain name of the domain whose image it is, for errors
   * @param disk target of its disk, for errors
   * @throws DriverException where it cannot be read
   */
  Optional<Chain> chain(String domain, String disk, Image image);

  /** Whether two paths lead to one file. */
  boolean same(String first, String second);
}
