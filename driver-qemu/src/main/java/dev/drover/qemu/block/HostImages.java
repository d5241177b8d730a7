package dev.drover.qemu.block;

import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.spi.block.Chain;
import dev.drover.spi.snapshot.StoredImages;
import dev.drover.v1.Image;
import java.util.Optional;

/** The image files of this host, for {@link dev.drover.spi.snapshot.CommitAftermath}. */
record HostImages(ChainReader reader) implements StoredImages {

  @Override
  public Optional<Chain> chain(String domain, String disk, Image image) {
    return reader.gone(image.getPath())
        ? Optional.empty()
        : Optional.of(reader.read(domain, disk, image));
  }

  @Override
  public boolean same(String first, String second) {
    return ImageFiles.same(first, second);
  }
}
