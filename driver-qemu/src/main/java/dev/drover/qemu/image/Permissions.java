package dev.drover.qemu.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** Says why a file may not be read or written, as far as can be seen from outside (R11). */
final class Permissions {

  /** Whom permissions do not stop. */
  private static final String SUPERUSER = "root";

  private Permissions() {}

  /** What access to a file was denied. */
  enum Access {
    /** To read it. */
    READ,
    /** To write to it. */
    WRITE;

    /** The name that errors have for it. */
    String word() {
      return this == READ ? "read" : "write";
    }

    private boolean granted(Path path) {
      return this == READ ? Files.isReadable(path) : Files.isWritable(path);
    }
  }

  /**
   * Why this process was denied an access, with what can be done about it. Where permissions and
   * file system allow it, it was denied by something that is not seen here.
   */
  static String why(Path path, Access access) {
    for (Path above = path.getRoot(); above != null && !above.equals(path); ) {
      if (!Files.isExecutable(above)) {
        return "it may not pass directory '%s' (%s); grant that user the right to"
            .formatted(above, shown(above));
      }
      above = path.getRoot().resolve(path.subpath(0, above.getNameCount() + 1));
    }
    if (access.granted(path)) {
      return "its permissions (%s) allow that, so that something beyond them denies it, such as"
              .formatted(shown(path))
          + " SELinux or AppArmor, whose log tells more";
    }
    if (access == Access.WRITE && onReadOnlyFileSystem(path)) {
      return "its file system is mounted read-only";
    }
    return access == Access.WRITE && System.getProperty("user.name").equals(SUPERUSER)
        ? "it is mounted read-only, or was made immutable (permissions are %s)"
            .formatted(shown(path))
        : "its permissions are %s; grant that user more".formatted(shown(path));
  }

  private static boolean onReadOnlyFileSystem(Path path) {
    try {
      return Files.getFileStore(path).isReadOnly();
    } catch (IOException e) {
      return false;
    }
  }

  private static String shown(Path path) {
    try {
      PosixFileAttributes found = Files.readAttributes(path, PosixFileAttributes.class);
      return "%s, owner %s, group %s"
          .formatted(
              PosixFilePermissions.toString(found.permissions()),
              found.owner().getName(),
              found.group().getName());
    } catch (IOException e) {
      return "not known: " + e.getMessage();
    }
  }
}
