package dev.drover.conformance.run;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.suite.DriverConformance;
import java.nio.file.Path;

/** The whole suite on the test driver, in process. */
class TestDriverInProcessTest extends DriverConformance {

  @Override
  protected ConformanceTarget open(Path directory) {
    return new TestDriverTarget("test-in-process", directory, DaemonRun.Way.IN_PROCESS);
  }
}
