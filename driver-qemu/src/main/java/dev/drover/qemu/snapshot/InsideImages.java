package dev.drover.qemu.snapshot;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.image.Qcow2Moments;
import dev.drover.qemu.qmp.BlockCommand;
import dev.drover.qemu.qmp.TransactionAction;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.SnapshotDisk;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The moments that images keep inside themselves: by the monitor where a QEMU has the image open as
 * the active one of a disk, and by the image tool where nobody has. The tool takes the image's
 * lock, so that it never works beside a QEMU.
 */
final class InsideImages {

  /** The tool counts every cluster of an image anew. */
  private static final Duration WORKING = Duration.ofMinutes(5);

  private final ImageTool tool;

  InsideImages(ImageTool tool) {
    this.tool = tool;
  }

  /**
   * The bytes of memory that are kept with a moment, 0 where there are none; empty where the image
   * keeps no such moment.
   *
   * @throws DriverException IMAGE_NOT_FOUND or IMAGE_ACCESS_DENIED
   */
  static OptionalLong find(Image image, String tag) {
    String path = image.getPath();
    try {
      return Qcow2Moments.find(Path.of(path), tag);
    } catch (NoSuchFileException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND,
          "image '%s' does not exist".formatted(path),
          "path",
          path);
    } catch (IOException e) {
      throw DriverException.causedBy(
          e,
          ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED,
          "which snapshots image '%s' keeps inside itself cannot be read: %s"
              .formatted(path, ImageFiles.told(e)),
          "path",
          path,
          "access",
          "read");
    }
  }

  /** Whether an image keeps a moment. */
  static boolean keeps(Image image, String tag) {
    return find(image, tag).isPresent();
  }

  /** Has all images keep what they hold at one moment, or none (G1). */
  static void keep(LiveDomain live, List<SnapshotDisk> disks, String tag) {
    live.execute(
        new BlockCommand.Transaction(
            disks.stream()
                .map(
                    disk ->
                        (TransactionAction)
                            new TransactionAction.InternalSnapshot(
                                live.disk(disk.getTarget()).active().formatNode(), tag))
                .toList()));
  }

  /** Has the image of a shut-off domain keep what it holds. */
  void keep(Image image, String tag) {
    tool.moment(ImageTool.MomentWork.KEEP, Path.of(image.getPath()), tag, WORKING);
  }

  /** Puts the image of a shut-off domain back to a moment. */
  void goBack(Image image, String tag) {
    tool.moment(ImageTool.MomentWork.GO_BACK, Path.of(image.getPath()), tag, WORKING);
  }

  /**
   * Makes an image let go of a moment. One that is gone, or whose image is, is no error.
   *
   * @param live the QEMU of the domain whose disk the image was; empty: it is shut off
   */
  void letGo(Optional<LiveDomain> live, String target, Image image, String tag) {
    if (!ImageFiles.isThere(image.getPath()) || !keeps(image, tag)) {
      return;
    }
    Optional<LiveDomain> open = live.filter(running -> node(running, target, image).isPresent());
    if (open.isPresent()) {
      String node = node(open.get(), target, image).orElseThrow().formatNode();
      open.get().execute(new BlockCommand.DeleteInternalSnapshot(node, tag));
    } else {
      tool.moment(ImageTool.MomentWork.LET_GO, Path.of(image.getPath()), tag, WORKING);
    }
  }

  private static Optional<ImageNode> node(LiveDomain live, String target, Image image) {
    return live.record()
        .disk(target)
        .map(disk -> disk.active())
        .filter(active -> ImageFiles.same(active.image().getPath(), image.getPath()));
  }
}
