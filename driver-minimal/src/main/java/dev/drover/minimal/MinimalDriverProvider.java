package dev.drover.minimal;

import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverProvider;
import java.util.Map;

/** Finds the driver for {@code minimal:///default}. */
public final class MinimalDriverProvider implements DriverProvider {

  @Override
  public String scheme() {
    return "minimal";
  }

  @Override
  public String description() {
    return "The smallest driver: pretended guests that start and end";
  }

  @Override
  public Map<String, String> settings() {
    return Map.of();
  }

  @Override
  public Driver open(DriverContext context) {
    return new MinimalDriver(context);
  }
}
