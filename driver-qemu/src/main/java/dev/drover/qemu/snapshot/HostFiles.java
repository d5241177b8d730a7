package dev.drover.qemu.snapshot;

import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.snapshot.SnapshotFiles;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.SnapshotMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The images of a domain's host, as plans of snapshots and reverts ask about them.
 *
 * @param domain name of the domain, for errors
 * @param active the image that a disk is on now
 */
record HostFiles(
    ImagePaths paths, ChainReader chains, String domain, Function<Disk, ChainImage> active)
    implements SnapshotFiles {

  @Override
  public ChainImage active(Disk disk) {
    return active.apply(disk);
  }

  @Override
  public String path(String text) {
    String path = paths.require(text).toString();
    ImageFiles.requireAnswer(path);
    return path;
  }

  @Override
  public boolean exists(String path) {
    return Files.exists(Path.of(path), LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public OptionalLong moment(Image image, String tag) {
    paths.require(image.getPath());
    return ImageFiles.asked(image.getPath(), () -> InsideImages.find(image, tag));
  }

  @Override
  public boolean holds(SnapshotMemory memory) {
    return ImageFiles.asked(memory.getPath(), () -> holdsMemory(memory));
  }

  /** Whether a file that holds memory is there in its whole length. */
  static boolean holdsMemory(SnapshotMemory memory) {
    Path file = Path.of(memory.getPath());
    try {
      return Files.isRegularFile(file) && Files.size(file) == memory.getSizeBytes();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public boolean regular(String path) {
    return Files.isRegularFile(Path.of(path));
  }

  @Override
  public boolean same(String first, String second) {
    return ImageFiles.same(first, second);
  }

  @Override
  public Chain chain(String target, Image top) {
    return chains.read(domain, target, top);
  }

  @Override
  public void requireMakeable(String path) {
    Path directory = Path.of(path).resolveSibling("");
    if (!Files.isDirectory(directory)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_NOT_FOUND,
          "overlay '%s' cannot be made: its directory does not exist".formatted(path),
          "path",
          path);
    }
    if (!Files.isWritable(directory)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED,
          "overlay '%s' cannot be made: user '%s' may not write to its directory"
              .formatted(path, System.getProperty("user.name")),
          "path",
          path,
          "access",
          "write");
    }
  }

  @Override
  public void requireWritable(String target, ChainImage overlay) {
    chains.requireWritable(overlay);
  }
}
