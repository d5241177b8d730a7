package dev.drover.qemu.snapshot;

import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.journal.DoomedFile;
import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.snapshot.OwnedImage;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes overlays so that they survive a crash of the host, and removes those of a failure. */
final class OverlayFiles {

  private static final Logger logger = LoggerFactory.getLogger(OverlayFiles.class);

  private final ImageTool tool;
  private final ChainReader chains;

  OverlayFiles(ImageTool tool, ChainReader chains) {
    this.tool = tool;
    this.chains = chains;
  }

  /** Makes an overlay whose header names the image absolutely, with its format (G8). */
  void make(ChainImage overlay, ChainImage frozen, Duration deadline) {
    Path path = Path.of(overlay.getPath());
    tool.create(
        path,
        overlay.getFormat(),
        Optional.of(new ImageTool.Backing(frozen.getPath(), frozen.getFormat())),
        size(frozen),
        deadline);
    try {
      ImageFiles.syncNew(path);
    } catch (IOException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_NO_SPACE,
          "overlay '%s' could not be made to stay on its disk: %s".formatted(path, e.getMessage()),
          "path",
          path.toString());
    }
  }

  private long size(ChainImage frozen) {
    return chains.readOne(Chain.source(frozen)).getVirtualSizeBytes();
  }

  /** The reference that stands in the header of an overlay that exists. */
  String backingReference(Image overlay) {
    return chains.readOne(overlay).getBackingReference();
  }

  /**
   * Whether an overlay is there with its whole header, so that going on in it is safe. The image
   * tool writes the size and then the backing name last.
   *
   * @param frozen the image below
   * @param made whether it is ours, of the size of what is below it
   */
  boolean complete(ChainImage overlay, ChainImage frozen, boolean made) {
    try {
      ChainImage found = chains.readOne(Chain.source(overlay));
      boolean whole =
          found.getBackingReference().equals(overlay.getBackingReference())
              && (!made || found.getVirtualSizeBytes() == size(frozen));
      if (whole) {
        ImageFiles.syncNew(Path.of(overlay.getPath()));
        return true;
      }
      logger.info("Overlay {} was not finished", overlay.getPath());
    } catch (DriverException | IOException e) {
      logger.info("Overlay {} was not finished: {}", overlay.getPath(), e.getMessage());
    }
    return false;
  }

  /** An overlay as the register of images that were made names it; empty where it is gone. */
  static Optional<OwnedImage> owned(String domainUuid, String disk, ChainImage overlay) {
    return identity(overlay.getPath())
        .map(identity -> new OwnedImage(domainUuid, disk, Chain.source(overlay), identity));
  }

  /** What tells the file at a path from another one put in its place; empty where it is gone. */
  static Optional<String> identity(String path) {
    DoomedFile file = DoomedFile.of(path, Optional.empty());
    return file.inode() == 0
        ? Optional.empty()
        : Optional.of("%d:%d:%d".formatted(file.device(), file.inode(), file.bornNanos()));
  }

  /** The file that the register means. */
  static DoomedFile file(OwnedImage image) {
    List<Long> numbers = Stream.of(image.identity().split(":", -1)).map(Long::valueOf).toList();
    return new DoomedFile(image.image().getPath(), numbers.get(0), numbers.get(1), numbers.get(2));
  }

  /** Removes a file that was made for a snapshot or a revert that did not come about (G11). */
  void remove(ChainImage overlay) {
    try {
      Files.deleteIfExists(Path.of(overlay.getPath()));
    } catch (IOException e) {
      logger.warn("Cannot remove overlay {}", overlay.getPath(), e);
    }
  }
}
