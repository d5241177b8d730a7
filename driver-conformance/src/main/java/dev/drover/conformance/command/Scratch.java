package dev.drover.conformance.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A directory that is removed with everything in it.
 *
 * @param directory the directory
 */
record Scratch(Path directory) implements AutoCloseable {

  /** Makes one; its path is short, since sockets are in it. */
  static Scratch make() {
    try {
      return new Scratch(Files.createTempDirectory("drover-conf-"));
    } catch (IOException e) {
      throw new UnusableTarget("no directory can be made for the run: " + e, e);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(directory + " cannot be removed", e);
    }
  }
}
