package dev.drover.conformance.run;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.suite.DriverConformance;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The whole suite on real QEMU, in process. */
@Tag("qemu")
class QemuInProcessIT extends DriverConformance {

  @TempDir static Path directory;

  @Override
  protected ConformanceTarget open() {
    return new QemuTarget("qemu-in-process", directory, DaemonRun.Way.IN_PROCESS);
  }
}
