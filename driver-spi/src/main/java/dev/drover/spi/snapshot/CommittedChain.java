package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Job;
import java.util.List;
import java.util.OptionalInt;

/**
 * A commit on its chain, and what it does to whoever reads images of that chain.
 *
 * @param before the chain before, from the active image down
 * @param topIndex place of its top there
 * @param baseIndex place of its base there
 * @param done whether the disk has its new chain; else the base may have been written to
 */
record CommittedChain(List<ChainImage> before, int topIndex, int baseIndex, boolean done) {

  /** The commit of a job with its request and the chain before. */
  static CommittedChain of(Job job, boolean done) {
    List<ChainImage> before = job.getResult().getChainBeforeList();
    return new CommittedChain(
        before,
        place(before, job.getRequest().getTop()),
        place(before, job.getRequest().getBase()),
        done);
  }

  private static int place(List<ChainImage> before, String path) {
    for (int i = 0; i < before.size(); i++) {
      if (before.get(i).getPath().equals(path)) {
        return i;
      }
    }
    throw new IllegalStateException(path + " is not in the chain of its own commit");
  }

  ChainImage top() {
    return before.get(topIndex);
  }

  ChainImage base() {
    return before.get(baseIndex);
  }

  /**
   * Whether what is read through a chain is not what it was. The first image that it has in common
   * with the chain before tells: below that one nothing was read otherwise. Headers above the top
   * may have been rewritten, so the chain is not asked whether it still has the top.
   */
  boolean spoils(Chain reader, StoredImages images) {
    OptionalInt joint =
        reader.images().stream()
            .map(image -> place(image, images))
            .filter(OptionalInt::isPresent)
            .findFirst()
            .orElse(OptionalInt.empty());
    if (joint.isEmpty()) {
      return false;
    }
    int place = joint.getAsInt();
    // The guest goes on in the base and writes into it.
    boolean written = topIndex == 0 && done;
    return place <= baseIndex && (written || place > topIndex);
  }

  /** Whether an image is one of the chain before. */
  boolean has(ChainImage image, StoredImages images) {
    return place(image, images).isPresent();
  }

  private OptionalInt place(ChainImage image, StoredImages images) {
    for (int i = 0; i < before.size(); i++) {
      if (images.same(before.get(i).getPath(), image.getPath())) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }
}
