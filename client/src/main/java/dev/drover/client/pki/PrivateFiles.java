package dev.drover.client.pki;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes files so that readers see the old one or the new one, and keys only to their owner. */
final class PrivateFiles {

  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> ALL = PosixFilePermissions.fromString("rw-r--r--");
  private static final Set<PosixFilePermission> DIRECTORY =
      PosixFilePermissions.fromString("rwx------");

  private PrivateFiles() {}

  /** Makes a directory, parents included, that only its owner may enter. */
  static void directory(Path directory) {
    try {
      Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(DIRECTORY));
    } catch (IOException e) {
      throw new PkiException("the directory %s cannot be made: %s".formatted(directory, e), e);
    }
  }

  /**
   * What a file is to hold.
   *
   * @param file the file
   * @param text its text, in ASCII
   * @param mode who may read it
   */
  record Content(Path file, String text, Set<PosixFilePermission> mode) {

    /** For the owner alone: mode 0600 from its first byte on. */
    static Content secret(Path file, String text) {
      return new Content(file, text, OWNER);
    }

    /** For everybody. */
    static Content open(Path file, String text) {
      return new Content(file, text, ALL);
    }

    private Path beside() {
      return file.resolveSibling(file.getFileName() + ".new");
    }
  }

  /**
   * Writes files that belong together: none is replaced before there is room for all, so that a
   * full disk leaves a key and its certificate as they were.
   */
  static void write(Content... contents) {
    try {
      for (Content one : contents) {
        stage(one);
      }
      for (Content one : contents) {
        move(one);
      }
    } finally {
      for (Content one : contents) {
        try {
          Files.deleteIfExists(one.beside());
        } catch (IOException _) {
          // The next attempt meets it, and says what is wrong there.
        }
      }
    }
  }

  private static void stage(Content one) {
    try {
      Files.deleteIfExists(one.beside());
      try (FileChannel out =
          FileChannel.open(
              one.beside(),
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(OWNER))) {
        ByteBuffer bytes = ByteBuffer.wrap(one.text().getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.setPosixFilePermissions(one.beside(), one.mode());
    } catch (IOException e) {
      throw failed(one, e);
    }
  }

  private static void move(Content one) {
    try {
      Files.move(
          one.beside(),
          one.file(),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failed(one, e);
    }
  }

  private static PkiException failed(Content one, IOException why) {
    return new PkiException("%s cannot be written: %s".formatted(one.file(), why), why);
  }
}
