package dev.drover.client.pki;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one program at a time change an authority's directory; others wait. Of two revocations that
 * began with the same list the second would take back the first.
 */
final class DirectoryLock implements AutoCloseable {

  private static final String FILE = "lock";

  /** The kernel's lock is the process's, so threads of one process take turns by this. */
  private static final ReentrantLock THREADS = new ReentrantLock();

  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits for its turn.
   *
   * @throws PkiException where the directory cannot be written
   */
  static DirectoryLock take(Path directory) {
    Path file = directory.resolve(FILE);
    THREADS.lock();
    try {
      FileChannel channel =
          FileChannel.open(
              file,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      DirectoryLock taken = new DirectoryLock(channel);
      channel.lock();
      return taken;
    } catch (IOException e) {
      THREADS.unlock();
      throw new PkiException("%s cannot be written: %s".formatted(file, e), e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new PkiException("the lock of the directory cannot be closed: " + e, e);
    } finally {
      THREADS.unlock();
    }
  }
}
