package dev.drover.conformance.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which QEMU a run uses.
 *
 * @param directory where its programs are; empty: as the PATH has them
 */
record QemuPrograms(Optional<Path> directory) {

  /** Names the directory that {@code bin/qemu-10} prints. */
  private static final String QEMU_10 = "DROVER_QEMU_10";

  /** The programs on the PATH. */
  static QemuPrograms installed() {
    return new QemuPrograms(Optional.empty());
  }

  /** The programs that {@code bin/qemu-10} brings; a run that lacks them has failed. */
  static QemuPrograms qemu10() {
    String home = System.getenv().getOrDefault(QEMU_10, "");
    if (home.isEmpty()) {
      throw new AssertionError(
          "%s is not set; set it to the directory that bin/qemu-10 prints".formatted(QEMU_10));
    }
    Path programs = Path.of(home).toAbsolutePath().resolve("bin");
    if (!Files.isExecutable(programs.resolve("qemu-system-x86_64"))) {
      throw new AssertionError(
          "%s is %s, which has no QEMU in its folder bin; run bin/qemu-10"
              .formatted(QEMU_10, home));
    }
    return new QemuPrograms(Optional.of(programs));
  }

  /** A program as it is to be started. */
  String program(String name) {
    return directory.map(path -> path.resolve(name).toString()).orElse(name);
  }
}
