package dev.drover.server.state;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** Cares for the file of a unix socket. */
public final class SocketFile {

  /** Longest path the kernel takes, in bytes. */
  private static final int MOST_BYTES = 107;

  private SocketFile() {}

  /**
   * Makes way for a socket: refuses a path the kernel would not take, and removes a file that a
   * daemon left which did not end in order. A socket that somebody listens on, or a file that is no
   * socket, is left alone.
   *
   * @throws StateException where the path cannot be used
   */
  public static void prepare(Path path) {
    int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MOST_BYTES) {
      throw new StateException(
          "the socket path "
              + path
              + " has "
              + bytes
              + " bytes and the system takes "
              + MOST_BYTES
              + "; choose a shorter --runtime-directory or --socket");
    }
    try {
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        return;
      }
      var attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isOther()) {
        throw new StateException(path + " exists and is no socket; move it away");
      }
      if (answers(path)) {
        throw new StateException(
            "another process listens on " + path + "; stop it, or choose another --socket");
      }
      Files.delete(path);
    } catch (IOException e) {
      throw new StateException(
          "the socket " + path + " cannot be made (" + PrivateDirectory.reason(e) + ")", e);
    }
  }

  private static boolean answers(Path path) {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return probe.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException _) {
      // Refused: nobody listens any more.
      return false;
    }
  }

  /**
   * Chooses who may connect: everybody, or nobody but the owner.
   *
   * @throws StateException where that cannot be done
   */
  public static void restrict(Path path, boolean everybody) {
    try {
      Files.setPosixFilePermissions(
          path, PosixFilePermissions.fromString(everybody ? "rw-rw-rw-" : "rw-------"));
    } catch (IOException e) {
      throw new StateException(
          "the socket " + path + " cannot be protected (" + PrivateDirectory.reason(e) + ")", e);
    }
  }

  /**
   * Removes the socket of a daemon that has stopped.
   *
   * @throws StateException where that cannot be done
   */
  public static void remove(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new StateException(
          "the socket " + path + " cannot be removed (" + PrivateDirectory.reason(e) + ")", e);
    }
  }
}
