package dev.drover.conformance.run;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.suite.DriverConformance;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The whole suite on the test driver, over a unix socket. */
class TestDriverSocketTest extends DriverConformance {

  @TempDir static Path directory;

  @Override
  protected ConformanceTarget open() {
    return new TestDriverTarget("test-socket", directory, DaemonRun.Way.SOCKET);
  }
}
