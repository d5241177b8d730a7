package dev.drover.server;

import dev.drover.server.state.StateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Everything that a daemon for one test has on disk, and removes when it ends (R17). */
final class EphemeralDirectory implements AutoCloseable {

  /** The one driver of such a daemon: nothing of the host is touched. */
  static final String DRIVER = "test";

  private final Path directory;
  private boolean removed;

  private EphemeralDirectory(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes one that nobody but this user may enter.
   *
   * @throws StateException where it cannot be made
   */
  static EphemeralDirectory make() {
    try {
      return new EphemeralDirectory(Files.createTempDirectory("droverd-"));
    } catch (IOException e) {
      throw new StateException("no directory can be made for the daemon: " + e, e);
    }
  }

  Path state() {
    return directory.resolve("state");
  }

  Path runtime() {
    return directory.resolve("run");
  }

  /**
   * Removes it, once.
   *
   * @throws StateException where something stays behind
   */
  @Override
  public synchronized void close() {
    if (removed) {
      return;
    }
    removed = true;
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new StateException(directory + " cannot be removed: " + e, e);
    }
  }
}
