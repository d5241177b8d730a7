package dev.drover.conformance.run;

import dev.drover.conformance.world.QemuPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The QEMU that {@code bin/qemu-10} brings. */
final class Qemu10 {

  /** Names the directory that {@code bin/qemu-10} prints. */
  private static final String HOME = "DROVER_QEMU_10";

  private Qemu10() {}

  /** Its programs; a run that lacks them has failed. */
  static QemuPrograms programs() {
    String home = System.getenv().getOrDefault(HOME, "");
    if (home.isEmpty()) {
      throw new AssertionError(
          "%s is not set; set it to the directory that bin/qemu-10 prints".formatted(HOME));
    }
    Path programs = Path.of(home).toAbsolutePath().resolve("bin");
    if (!Files.isExecutable(programs.resolve("qemu-system-x86_64"))) {
      throw new AssertionError(
          "%s is %s, which has no QEMU in its folder bin; run bin/qemu-10".formatted(HOME, home));
    }
    return new QemuPrograms(Optional.of(programs));
  }
}
