package dev.drover.test;

import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverProvider;
import java.util.Map;

/** Finds the test driver for {@code test:///default}. */
public final class TestDriverProvider implements DriverProvider {

  @Override
  public String scheme() {
    return "test";
  }

  @Override
  public String description() {
    return "In-memory hypervisor for tests: real block contents, virtual clock, injected faults";
  }

  @Override
  public Map<String, String> settings() {
    return TestSettings.documented();
  }

  @Override
  public Driver open(DriverContext context) {
    return new TestDriver(context);
  }
}
