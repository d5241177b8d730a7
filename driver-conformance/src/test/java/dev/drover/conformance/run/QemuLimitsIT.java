package dev.drover.conformance.run;

import dev.drover.conformance.world.QemuPrograms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The limits that only a daemon with small ones reaches, on real QEMU (R29). */
@Tag("qemu")
class QemuLimitsIT {

  @TempDir private Path directory;
  private int daemons;

  @Test
  void hold() {
    SmallLimits.run(
        change ->
            new QemuTarget(
                "qemu-limits",
                place(),
                DaemonRun.Way.IN_PROCESS,
                QemuPrograms.installed(),
                change));
  }

  private Path place() {
    try {
      return Files.createDirectory(directory.resolve(Integer.toString(daemons++)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
