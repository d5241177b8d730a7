package dev.drover.conformance.world;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Which QEMU a run uses.
 *
 * @param directory where its programs are; empty: as the PATH has them
 */
public record QemuPrograms(Optional<Path> directory) {

  /** The programs on the PATH. */
  public static QemuPrograms installed() {
    return new QemuPrograms(Optional.empty());
  }

  /** A program as it is to be started. */
  public String program(String name) {
    return directory.map(path -> path.resolve(name).toString()).orElse(name);
  }
}
