package dev.drover.qemu.snapshot;

import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.ImageTool;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
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
    long size =
        chains
            .readOne(
                Image.newBuilder().setPath(frozen.getPath()).setFormat(frozen.getFormat()).build())
            .getVirtualSizeBytes();
    tool.create(
        path,
        overlay.getFormat(),
        Optional.of(new ImageTool.Backing(frozen.getPath(), frozen.getFormat())),
        size,
        deadline);
    try {
      force(path, StandardOpenOption.WRITE);
      force(path.resolveSibling(""), StandardOpenOption.READ);
    } catch (IOException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_NO_SPACE,
          "overlay '%s' could not be made to stay on its disk: %s".formatted(path, e.getMessage()),
          "path",
          path.toString());
    }
  }

  private static void force(Path path, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  /** The reference that stands in the header of an overlay that exists. */
  String backingReference(Image overlay) {
    return chains.readOne(overlay).getBackingReference();
  }

  /** Whether every overlay is there with its header, so that going on in them is safe. */
  boolean complete(SnapshotIntent intent) {
    for (SnapshotIntent.MovingDisk disk : intent.disks()) {
      ChainImage overlay = disk.overlay().image();
      try {
        chains.readOne(
            Image.newBuilder().setPath(overlay.getPath()).setFormat(overlay.getFormat()).build());
      } catch (DriverException e) {
        logger.info("Overlay {} was not finished: {}", overlay.getPath(), e.getMessage());
        return false;
      }
    }
    return true;
  }

  /** Removes the files that the snapshot made (G11). */
  void remove(SnapshotIntent intent) {
    for (SnapshotIntent.MovingDisk disk : intent.disks()) {
      if (!disk.made()) {
        continue;
      }
      try {
        Files.deleteIfExists(Path.of(disk.overlay().image().getPath()));
      } catch (IOException e) {
        logger.warn("Cannot remove overlay {}", disk.overlay().image().getPath(), e);
      }
    }
  }
}
