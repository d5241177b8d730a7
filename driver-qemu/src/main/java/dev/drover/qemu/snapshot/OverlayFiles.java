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
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
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

  /**
   * Takes the places of overlays with empty files: all of them, or none.
   *
   * @throws DriverException DESTINATION_EXISTS where a file came up that was not there, and what
   *     {@link ImageFiles#createNew} raises besides
   */
  static MadeOverlays reserve(List<String> paths) {
    List<DoomedFile> made = new ArrayList<>();
    try {
      for (String path : paths) {
        ImageFiles.createNew(Path.of(path));
        made.add(DoomedFile.made(path));
      }
      return new MadeOverlays(Optional.of(made));
    } catch (DriverException e) {
      takeBack(paths, new MadeOverlays(Optional.of(made)));
      throw e;
    }
  }

  /** Makes the overlays of a snapshot. */
  void make(CreateIntent intent, Supplier<Duration> time) {
    intent.disks().stream()
        .filter(MovingDisk::made)
        .forEach(
            disk ->
                make(
                    disk.overlay().image(),
                    disk.before().active().image(),
                    intent.overlays(),
                    time.get()));
  }

  /**
   * Makes an overlay in its place, whose header names the image absolutely, with its format (G8).
   *
   * @param made the files that hold the places of overlays
   */
  void make(ChainImage overlay, ChainImage frozen, MadeOverlays made, Duration deadline) {
    Path path = Path.of(overlay.getPath());
    if (!made.stillThere(overlay.getPath())) {
      throw ImageFiles.cameUp(path);
    }
    tool.createInPlace(
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
          "overlay '%s' cannot be made durable: %s".formatted(path, ImageFiles.told(e)),
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
    return file.inode() == 0 ? Optional.empty() : Optional.of(file.identity());
  }

  /** The file that the register means. */
  static DoomedFile file(OwnedImage image) {
    return DoomedFile.known(image.image().getPath(), image.identity());
  }

  /**
   * Removes what was made for a snapshot or a revert that did not come about (G11), and nothing
   * that was put there since.
   */
  static void takeBack(List<String> paths, MadeOverlays made) {
    for (String path : paths) {
      boolean ours =
          made.files().isEmpty()
              ? isEmptyFile(path)
              : made.at(path).filter(DoomedFile::stillThere).isPresent();
      if (ours) {
        remove(path);
      } else if (Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS)) {
        logger.warn("'{}' stays: it is not the overlay that was made there", path);
      }
    }
  }

  private static boolean isEmptyFile(String path) {
    try {
      BasicFileAttributes found =
          Files.readAttributes(Path.of(path), BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return found.isRegularFile() && found.size() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static void remove(String path) {
    try {
      Files.deleteIfExists(Path.of(path));
    } catch (IOException e) {
      logger.warn("Cannot remove overlay {}", path, e);
    }
  }
}
