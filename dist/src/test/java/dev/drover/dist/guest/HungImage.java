package dev.drover.dist.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * An image on a file system whose server can be made to take a question and never answer it: it has
 * its bytes from another such file system, which is stopped. The kernel does not end whoever asked
 * first, as it would where nobody had taken the question yet.
 */
final class HungImage implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<Path> mounts = new ArrayList<>();
  private final List<Process> servers = new ArrayList<>();

  /** Whether this host lets one be made. */
  static boolean possible() {
    return Files.isWritable(Path.of("/dev/fuse"));
  }

  /**
   * Mounts it.
   *
   * @param store the image's bytes
   */
  HungImage(Path store) {
    Path behind = mount(store, store.resolveSibling("behind.qcow2"));
    var _ = mount(behind, store.resolveSibling("mounted.qcow2"));
  }

  /** The image. */
  Path path() {
    return mounts.getLast();
  }

  private Path mount(Path store, Path mount) {
    try {
      Files.createFile(mount);
      mounts.add(mount);
      Process server =
          new ProcessBuilder(
                  "qemu-storage-daemon",
                  "--blockdev",
                  "driver=file,node-name=store,filename=" + store,
                  "--export",
                  "type=fuse,id=image,node-name=store,writable=on,growable=on,mountpoint=" + mount)
              .inheritIO()
              .start();
      servers.add(server);
      Awaitility.await("the image is mounted")
          .atMost(PATIENCE)
          .until(() -> isMounted(mount) || !server.isAlive());
      return mount;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on it takes a question and does not answer. */
  void hang() {
    signal("STOP");
  }

  /** Answers everybody. */
  void answer() {
    signal("CONT");
  }

  private void signal(String signal) {
    run("kill", "-" + signal, Long.toString(servers.getFirst().pid()));
  }

  private static void run(String... command) {
    try {
      Process process = new ProcessBuilder(command).inheritIO().start();
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException(String.join(" ", command) + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static boolean isMounted(Path mount) throws IOException {
    return Files.readString(Path.of("/proc/self/mounts")).contains(" " + mount + " ");
  }

  /** Answers whoever waits, and takes the image away. */
  @Override
  public void close() {
    answer();
    try {
      for (int i = servers.size() - 1; i >= 0; i--) {
        servers.get(i).destroyForcibly();
        if (!servers.get(i).waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          throw new IllegalStateException("process " + servers.get(i).pid() + " lives");
        }
        if (isMounted(mounts.get(i))) {
          run("umount", "-l", mounts.get(i).toString());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
