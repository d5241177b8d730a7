package dev.drover.server.state;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Makes directories that nobody but the daemon's user may enter. */
public final class PrivateDirectory {

  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private PrivateDirectory() {}

  /**
   * Makes a directory with mode 0700, parents included; one that exists gets that mode.
   *
   * @throws StateException where it cannot be made or written
   */
  public static Path prepare(Path directory) {
    try {
      Path parent = directory.getParent();
      if (parent != null && !Files.isDirectory(parent)) {
        Files.createDirectories(parent, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      }
      if (!Files.isDirectory(directory)) {
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      }
      Files.setPosixFilePermissions(directory, OWNER_ONLY);
    } catch (FileAlreadyExistsException e) {
      throw new StateException(directory + " exists and is not a directory; move it away", e);
    } catch (IOException e) {
      throw new StateException(
          "the directory "
              + directory
              + " cannot be made private to this user ("
              + reason(e)
              + "); choose another one or run as its owner",
          e);
    }
    writable(directory);
    return directory;
  }

  /**
   * Lets everybody reach what is open to them in a directory, without listing it.
   *
   * @throws StateException where that cannot be done
   */
  public static void letPass(Path directory) {
    try {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    } catch (IOException e) {
      throw new StateException(
          "the directory " + directory + " cannot be opened to others (" + reason(e) + ")", e);
    }
  }

  private static void writable(Path directory) {
    try {
      Files.delete(Files.createTempFile(directory, ".write-test", ""));
    } catch (IOException e) {
      throw new StateException(
          "the directory "
              + directory
              + " cannot be written ("
              + reason(e)
              + "); nothing durable could be promised. Free space, mount it read-write, or choose"
              + " another one",
          e);
    }
  }

  static String reason(IOException failure) {
    String message = failure.getMessage();
    String kind = failure.getClass().getSimpleName().replace("Exception", "");
    return message == null ? kind : kind + ": " + message;
  }
}
