package dev.drover.qemu;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * An image on a file system of its own, whose server can be stopped: whoever touches the image then
 * waits in the kernel, as for a dead server of NFS.
 */
final class FuseImage implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final QemuWorld world;
  private final Path image;
  private final Process server;

  private FuseImage(QemuWorld world, Path image, Process server) {
    this.world = world;
    this.image = image;
    this.server = server;
  }

  /** Mounts an image; empty where this host has no FUSE. */
  static Optional<FuseImage> mount(QemuWorld world) {
    if (!Files.isWritable(Path.of("/dev/fuse"))) {
      return Optional.empty();
    }
    Path store = world.qcow2("store.qcow2");
    Path image = world.images().resolve("mounted.qcow2");
    try {
      Files.createFile(image);
      Process server =
          new ProcessBuilder(
                  "qemu-storage-daemon",
                  "--blockdev",
                  "driver=file,node-name=store,filename=" + store,
                  "--export",
                  "type=fuse,id=image,node-name=store,writable=on,growable=on,mountpoint=" + image)
              .inheritIO()
              .start();
      FuseImage mounted = new FuseImage(world, image, server);
      await().atMost(PATIENCE).until(() -> mounted.isMounted() || !server.isAlive());
      if (!mounted.isMounted()) {
        throw new IllegalStateException("the image is not mounted, see what its server said");
      }
      return Optional.of(mounted);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path path() {
    return image;
  }

  /** From now on whoever touches the image waits. */
  void hang() {
    world.signal("STOP", server.pid());
  }

  /** Answers everybody. */
  void answer() {
    world.signal("CONT", server.pid());
  }

  private boolean isMounted() throws IOException {
    return Files.readString(Path.of("/proc/self/mounts")).contains(" " + image + " ");
  }

  /** Ends the server, which frees whoever waits, and takes the image away. */
  @Override
  public void close() {
    server.destroyForcibly();
    try {
      if (!server.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("process " + server.pid() + " lives");
      }
      if (isMounted()) {
        var _ = world.program("umount", "-l", image.toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
