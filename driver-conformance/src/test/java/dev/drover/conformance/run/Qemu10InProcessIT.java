package dev.drover.conformance.run;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.suite.DriverConformance;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** The whole suite on QEMU 10, in process. */
@Tag("qemu")
class Qemu10InProcessIT extends DriverConformance {

  @Override
  protected ConformanceTarget open(Path directory) {
    return new QemuTarget(
        "qemu-10-in-process", directory, DaemonRun.Way.IN_PROCESS, Qemu10.programs());
  }
}
