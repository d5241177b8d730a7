package dev.drover.conformance.run;

import dev.drover.conformance.ConformanceTarget;
import java.nio.file.Path;

/** The suite on the test driver, over a unix socket. */
class TestDriverSocketTest extends SocketConformance {

  @Override
  protected ConformanceTarget open(Path directory) {
    return new TestDriverTarget("test-socket", directory, DaemonRun.Way.SOCKET);
  }
}
