package dev.drover.conformance.run;

import dev.drover.conformance.model.SideBySide;
import dev.drover.conformance.world.QemuPrograms;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R15, R16: the test driver and real QEMU do the same, whatever is done to them. */
@Tag("qemu")
class SideBySideIT {

  @Test
  void bothDriversDoTheSameWhateverIsDone(@TempDir Path model, @TempDir Path directory) {
    QemuPrograms programs =
        Boolean.getBoolean("drover.model.qemu10") ? Qemu10.programs() : QemuPrograms.installed();
    try (TestDriverTarget test = new TestDriverTarget("test", model, DaemonRun.Way.IN_PROCESS);
        QemuTarget qemu = new QemuTarget("qemu", directory, DaemonRun.Way.IN_PROCESS, programs)) {
      new SideBySide(12, 12, 1).compare(test, qemu);
    }
  }
}
