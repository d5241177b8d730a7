package dev.drover.qemu.probe;

import dev.drover.qemu.process.ProcessExit;
import dev.drover.qemu.process.ProcessIdentity;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.process.SpawnSpec;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A QEMU that lives only as long as a question, with a directory of its own. Closing it ends the
 * process and removes the directory. Should the daemon die in between, the next one finds the
 * directory and ends what is left by {@link #sweep}.
 */
final class ThrowAwayQemu implements AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(ThrowAwayQemu.class);
  private static final String PREFIX = "probe-";

  private final Path directory;
  private final QemuProcess process;

  private ThrowAwayQemu(Path directory, QemuProcess process) {
    this.directory = directory;
    this.process = process;
  }

  /** Makes the command once the directory is known, as sockets and images live in it. */
  interface CommandLine {
    List<String> in(Path directory) throws IOException;
  }

  static ThrowAwayQemu start(Path parent, CommandLine commandLine) throws IOException {
    Files.createDirectories(parent);
    Path directory = Files.createTempDirectory(parent, PREFIX);
    try {
      QemuProcess process =
          QemuProcess.spawn(
              new SpawnSpec(commandLine.in(directory), directory, directory.resolve("output")));
      return new ThrowAwayQemu(directory, process);
    } catch (IOException | RuntimeException e) {
      delete(directory);
      throw e;
    }
  }

  /** Ends what an earlier daemon could not end any more. */
  static void sweep(Path parent) throws IOException {
    if (!Files.isDirectory(parent)) {
      return;
    }
    List<Path> leftovers = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, PREFIX + "*")) {
      found.forEach(leftovers::add);
    }
    for (Path leftover : leftovers) {
      Optional<ProcessIdentity> identity =
          ProcessIdentity.read(leftover.resolve(QemuProcess.IDENTITY_FILE));
      if (identity.isPresent() && identity.get().isAlive()) {
        logger.warn(
            "Ending process {}, a probe that an earlier daemon left in {}",
            identity.get().pid(),
            leftover);
        ProcessHandle.of(identity.get().pid()).ifPresent(ProcessHandle::destroyForcibly);
      }
      delete(leftover);
    }
  }

  Path directory() {
    return directory;
  }

  QemuProcess process() {
    return process;
  }

  @Override
  public void close() {
    try {
      Optional<ProcessExit> ended = process.kill();
      if (ended.isEmpty()) {
        logger.error("Process {} of a probe cannot be killed; it is left behind", process.pid());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    delete(directory);
  }

  private static void delete(Path directory) {
    try {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    } catch (IOException e) {
      logger.warn("Cannot remove the probe directory {}", directory, e);
    }
  }
}
