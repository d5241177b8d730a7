package dev.drover.minimal;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.suite.DriverConformance;
import java.nio.file.Path;

/** Every case of the suite, against this driver. */
class MinimalConformanceTest extends DriverConformance {

  @Override
  protected ConformanceTarget open(Path directory) {
    return new MinimalTarget(directory);
  }
}
