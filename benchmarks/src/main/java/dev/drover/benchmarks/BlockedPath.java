package dev.drover.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A domain whose image is on a file system that does not answer, as a dead NFS server's: a FUSE
 * export whose server is stopped. Whoever touches the image waits in the kernel meanwhile.
 */
final class BlockedPath implements Hang {

  static final String TITLE = "image on a path that does not answer";

  private static final long LOOK_MILLISECONDS = 20;
  private static final long PATIENCE_SECONDS = 10;
  private static final Path MOUNTS = Path.of("/proc/self/mounts");

  private final String domain;
  private final Path image;
  private final Process server;
  private final Suspension suspension;
  private final Thread hook = new Thread(this::dismantle, "benchmark-unmount");

  private BlockedPath(String domain, Path image, Process server) {
    this.domain = domain;
    this.image = image;
    this.server = server;
    this.suspension = new Suspension(server.pid());
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Mounts an image.
   *
   * @param domain the domain that is going to use it
   * @param directory a directory that is made
   * @param bytes size of the disk
   * @throws IllegalStateException where this host cannot, with what it said
   */
  static BlockedPath mount(String domain, Path directory, long bytes) {
    Path store = directory.resolve("store.qcow2");
    Path image = directory.resolve("image.qcow2");
    Path output = directory.resolve("output");
    try {
      Files.createDirectory(directory);
      Files.createFile(image);
      new DiskImages(directory, bytes).create(store);
      Process server =
          new ProcessBuilder(
                  "qemu-storage-daemon",
                  "--blockdev",
                  "driver=file,node-name=store,filename=" + store,
                  "--export",
                  "type=fuse,id=path,node-name=store,writable=on,growable=on,mountpoint=" + image)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      BlockedPath path = new BlockedPath(domain, image, server);
      if (!path.awaitMounted()) {
        path.close();
        throw new IllegalStateException(
            "no FUSE export here: "
                + Files.readAllLines(output).stream()
                    .findFirst()
                    .orElse("it is not mounted in time"));
      }
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException("no FUSE export here", e);
    }
  }

  private boolean awaitMounted() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try {
      while (!mounted() && System.nanoTime() < end) {
        if (server.waitFor(LOOK_MILLISECONDS, TimeUnit.MILLISECONDS)) {
          return false;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while an image was mounted", e);
    }
    return mounted();
  }

  private boolean mounted() {
    try {
      return Files.readAllLines(MOUNTS).stream().anyMatch(line -> line.contains(" " + image + " "));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The image, by the path that is going to be blocked. */
  Path image() {
    return image;
  }

  @Override
  public String title() {
    return TITLE;
  }

  @Override
  public String domain() {
    return domain;
  }

  @Override
  public void begin() {
    suspension.stop();
  }

  @Override
  public void end() {
    suspension.go();
  }

  /**
   * Frees whoever waits and takes the image away. The server is killed first: only that is sure to
   * end what waits in the kernel for its answer.
   */
  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(hook);
    dismantle();
  }

  private void dismantle() {
    server.destroyForcibly();
    try {
      if (!server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the export's process %d lives".formatted(server.pid()));
      }
      if (mounted()) {
        var _ = Programs.run(unmount());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while an image was unmounted", e);
    }
  }

  /** Not root's own umount where FUSE brings one that everybody may use. */
  private List<String> unmount() {
    boolean everybody = Files.isExecutable(Path.of("/usr/bin/fusermount3"));
    return everybody
        ? List.of("fusermount3", "-u", "-z", image.toString())
        : List.of("umount", "-l", image.toString());
  }
}
