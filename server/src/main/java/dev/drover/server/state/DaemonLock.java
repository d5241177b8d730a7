package dev.drover.server.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps a second daemon off a state directory. The kernel releases the lock with the process,
 * however that ends; the file's content only tells people whose it is.
 */
public final class DaemonLock implements AutoCloseable {

  private static final String FILE = "droverd.lock";

  private final FileChannel channel;

  private DaemonLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock of a state directory.
   *
   * @throws StateException where another daemon has it, naming its process id
   */
  public static DaemonLock take(Path stateDirectory) {
    Path file = stateDirectory.resolve(FILE);
    try {
      FileChannel channel =
          FileChannel.open(
              file,
              Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Optional<FileLock> lock = tryLock(channel);
      if (lock.isEmpty()) {
        String holder = read(channel);
        channel.close();
        throw new StateException(
            "another droverd"
                + (holder.isEmpty() ? "" : " (process " + holder + ")")
                + " uses the state directory "
                + stateDirectory
                + "; stop it, or choose another --state-directory");
      }
      channel.truncate(0);
      channel.write(
          StandardCharsets.UTF_8.encode(ProcessHandle.current().pid() + System.lineSeparator()), 0);
      channel.force(true);
      return new DaemonLock(channel);
    } catch (IOException e) {
      throw new StateException(
          "the lock " + file + " cannot be taken (" + PrivateDirectory.reason(e) + ")", e);
    }
  }

  private static Optional<FileLock> tryLock(FileChannel channel) throws IOException {
    try {
      return Optional.ofNullable(channel.tryLock());
    } catch (OverlappingFileLockException _) {
      // Another daemon inside this very process.
      return Optional.empty();
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(32);
    channel.read(content, 0);
    return StandardCharsets.UTF_8.decode(content.flip()).toString().strip();
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new StateException("the daemon's lock could not be released", e);
    }
  }
}
