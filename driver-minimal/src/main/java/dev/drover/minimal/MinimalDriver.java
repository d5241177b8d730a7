package dev.drover.minimal;

import dev.drover.spi.Domains;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverInfo;
import dev.drover.spi.NodeInfoSource;
import dev.drover.v1.AccelerationCapability;
import dev.drover.v1.NodeInfo;
import java.util.List;
import java.util.Set;

/** A driver with the one facet that every driver has. */
final class MinimalDriver implements Driver {

  private final Guests guests = new Guests();
  private final MinimalDomains domains;

  MinimalDriver(DriverContext context) {
    this.domains = new MinimalDomains(context, guests);
  }

  @Override
  public DriverInfo info() {
    return new DriverInfo(
        List.of("minimal:///default"),
        "Minimal",
        "1.0",
        "",
        Set.of(),
        List.of(
            AccelerationCapability.newBuilder()
                .setName("tcg")
                .setUsable(true)
                .setDetail("accepted; no guest code is executed")
                .build()),
        List.of(),
        "");
  }

  @Override
  public NodeInfoSource node() {
    return () ->
        NodeInfo.newBuilder()
            .setCpuModel(System.getProperty("os.arch"))
            .setCpus(Runtime.getRuntime().availableProcessors())
            .setMemoryBytes(Runtime.getRuntime().maxMemory())
            .setFreeMemoryBytes(Runtime.getRuntime().freeMemory())
            .build();
  }

  @Override
  public Domains domains() {
    return domains;
  }

  @Override
  public void close() {
    guests.endAll();
  }
}
