package dev.drover.test.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.snapshot.SnapshotFiles;
import dev.drover.test.hypervisor.BlockNode;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.SnapshotMemory;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The test host's files, as plans of snapshots and reverts ask about them. Under the {@link
 * dev.drover.test.clock.WorldLock}.
 *
 * @param domain name of the domain, for errors
 * @param machine its guest; empty: it is shut off
 */
record WorldFiles(World world, String domain, Optional<Machine> machine) implements SnapshotFiles {

  @Override
  public ChainImage active(Disk disk) {
    return machine
        .flatMap(guest -> guest.disk(disk.getTarget()))
        .map(OpenDisk::chain)
        .orElseGet(() -> chain(disk.getTarget(), disk.getSource()))
        .active();
  }

  @Override
  public String path(String text) {
    try {
      Path path = Path.of(text);
      if (path.isAbsolute()) {
        return path.normalize().toString();
      }
    } catch (InvalidPathException e) {
      throw notAllowed(text, e);
    }
    throw notAllowed(text, new IllegalArgumentException("a relative path"));
  }

  private static DriverException notAllowed(String text, Exception cause) {
    return DriverException.causedBy(
        cause,
        ErrorReason.ERROR_REASON_PATH_NOT_ALLOWED,
        "overlay path '%s' is not an absolute path; write it from the root".formatted(text),
        "path",
        text);
  }

  @Override
  public boolean exists(String path) {
    return world.images().find(path).isPresent();
  }

  @Override
  public boolean holds(SnapshotMemory memory) {
    return new MemoryFiles(world).read(memory).isPresent();
  }

  @Override
  public OptionalLong moment(Image image, String tag) {
    BlockImage opened = world.images().open(image.getPath(), image.getFormat()).getFirst();
    if (!opened.keeps(tag)) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(opened.memory(tag).isPresent() ? MemoryFiles.SIZE_BYTES : 0);
  }

  @Override
  public boolean regular(String path) {
    return exists(path);
  }

  @Override
  public boolean same(String first, String second) {
    return Path.of(first).normalize().equals(Path.of(second).normalize());
  }

  @Override
  public Chain chain(String target, Image top) {
    return new Chain(
        domain,
        target,
        world.images().open(top.getPath(), top.getFormat()).stream()
            .map(image -> BlockNode.describe(image, ""))
            .toList());
  }

  @Override
  public void requireMakeable(String path) {
    // The test host has every directory, and anybody may write there.
  }

  @Override
  public void requireWritable(String target, ChainImage overlay) {
    world.images().find(overlay.getPath()).ifPresent(world.disks()::requireUnused);
  }
}
