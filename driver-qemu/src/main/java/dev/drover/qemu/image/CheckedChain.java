package dev.drover.qemu.image;

import dev.drover.spi.block.Chain;
import java.util.List;

/**
 * A chain with the files that its headers were read from.
 *
 * @param chain the chain
 * @param files the file of each of its images, in their order
 */
public record CheckedChain(Chain chain, List<CheckedFile> files) {

  /** Copies the list. */
  public CheckedChain {
    files = List.copyOf(files);
  }
}
