package dev.drover.qemu.block;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system in memory that can be full, and be made larger. Needs the right to mount. */
final class SmallFileSystem implements AutoCloseable {

  private final Path directory;

  /** Mounts one. */
  SmallFileSystem(Path directory, int kibibytes) {
    this.directory = directory;
    try {
      Files.createDirectory(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    TestImages.run(
        List.of(
            "mount", "-t", "tmpfs", "-o", "size=" + kibibytes + "k", "none", directory.toString()));
  }

  /** Whether this process may mount: as root of a machine or of a container with that right. */
  static boolean possible() {
    try {
      Process process =
          new ProcessBuilder("unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt")
              .redirectErrorStream(true)
              .start();
      process.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
      return process.waitFor() == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A path in it. */
  Path path(String file) {
    return directory.resolve(file);
  }

  /** Takes all room that is left, whoever else takes some of it meanwhile. */
  void fill() {
    byte[] block = new byte[4096];
    try (var ballast = Files.newOutputStream(path("ballast"))) {
      while (true) {
        ballast.write(block);
      }
    } catch (IOException e) {
      if (!"No space left on device".equals(e.getMessage())) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Makes room. */
  void grow(int kibibytes) {
    TestImages.run(List.of("mount", "-o", "remount,size=" + kibibytes + "k", directory.toString()));
  }

  @Override
  public void close() {
    TestImages.run(List.of("umount", "--lazy", directory.toString()));
  }
}
