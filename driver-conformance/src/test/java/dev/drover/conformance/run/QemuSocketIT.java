package dev.drover.conformance.run;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.world.QemuPrograms;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** The suite on real QEMU, over a unix socket. */
@Tag("qemu")
class QemuSocketIT extends SocketConformance {

  @Override
  protected ConformanceTarget open(Path directory) {
    return new QemuTarget("qemu-socket", directory, DaemonRun.Way.SOCKET, QemuPrograms.installed());
  }
}
