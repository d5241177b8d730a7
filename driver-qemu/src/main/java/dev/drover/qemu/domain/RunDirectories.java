package dev.drover.qemu.domain;

import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.process.QemuProcess;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and removes the directories of running QEMUs and storage daemons. One of a persistent
 * domain stays after its end, for the logs in it, until the host boots or the domain is undefined.
 */
public final class RunDirectories {

  private static final Logger logger = LoggerFactory.getLogger(RunDirectories.class);

  private RunDirectories() {}

  /**
   * Makes the directory, readable by the daemon's user alone.
   *
   * @return whether it had to be made
   */
  public static boolean create(RunFiles files) throws IOException {
    if (Files.isDirectory(files.directory())) {
      removeSockets(files);
      return false;
    }
    Files.createDirectories(
        files.directory(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    return true;
  }

  /** Removes what means that a QEMU runs; logs stay. */
  static void removeSockets(RunFiles files) {
    for (Path file :
        List.of(
            files.monitor(),
            files.diagnostics(),
            files.memorySource(),
            files.memorySink(),
            files.exports(),
            files.pidFile(),
            files.directory().resolve(QemuProcess.IDENTITY_FILE))) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        logger.warn("Cannot remove {}", file, e);
      }
    }
  }

  /** Removes the directory with its logs. */
  public static void remove(RunFiles files) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(files.directory())) {
      for (Path entry : entries) {
        Files.deleteIfExists(entry);
      }
      Files.deleteIfExists(files.directory());
    } catch (NoSuchFileException e) {
      logger.debug("{} is gone already", files.directory());
    } catch (IOException e) {
      logger.warn("Cannot remove {}", files.directory(), e);
    }
  }
}
