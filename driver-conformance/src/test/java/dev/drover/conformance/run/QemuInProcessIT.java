package dev.drover.conformance.run;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.suite.DriverConformance;
import dev.drover.conformance.world.QemuPrograms;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** The whole suite on real QEMU, in process. */
@Tag("qemu")
class QemuInProcessIT extends DriverConformance {

  @Override
  protected ConformanceTarget open(Path directory) {
    return new QemuTarget(
        "qemu-in-process", directory, DaemonRun.Way.IN_PROCESS, QemuPrograms.installed());
  }
}
