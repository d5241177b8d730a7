package dev.drover.test.block;

import dev.drover.spi.block.Chain;
import dev.drover.spi.snapshot.StoredImages;
import dev.drover.test.hypervisor.BlockNode;
import dev.drover.test.model.ImageHost;
import dev.drover.v1.Image;
import java.nio.file.Path;
import java.util.Optional;

/** The test host's files, for {@link dev.drover.spi.snapshot.CommitAftermath}. */
record ModelImages(ImageHost images) implements StoredImages {

  @Override
  public Optional<Chain> chain(String domain, String disk, Image image) {
    return images
        .find(image.getPath())
        .map(
            _ ->
                new Chain(
                    domain,
                    disk,
                    images.open(image.getPath(), image.getFormat()).stream()
                        .map(one -> BlockNode.describe(one, ""))
                        .toList()));
  }

  @Override
  public boolean same(String first, String second) {
    return Path.of(first).normalize().equals(Path.of(second).normalize());
  }
}
