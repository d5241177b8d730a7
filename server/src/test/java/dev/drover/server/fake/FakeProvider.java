package dev.drover.server.fake;

import dev.drover.spi.BlockJobs;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverProvider;
import dev.drover.spi.Jobs;
import dev.drover.spi.Snapshots;
import dev.drover.spi.TestControl;
import dev.drover.v1.Capability;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** Provides {@link FakeDriver}s. */
public final class FakeProvider implements DriverProvider {

  private final String scheme;
  private final List<String> uris;
  private final Set<Class<?>> facets;
  private final Set<Capability> declared;
  private final Optional<RuntimeException> failure;
  private final AtomicReference<FakeDriver> opened = new AtomicReference<>();

  private FakeProvider(
      String scheme,
      List<String> uris,
      Set<Class<?>> facets,
      Set<Capability> declared,
      Optional<RuntimeException> failure) {
    this.scheme = scheme;
    this.uris = uris;
    this.facets = facets;
    this.declared = declared;
    this.failure = failure;
  }

  /** A driver with every facet that declares everything. */
  public static FakeProvider complete() {
    return new FakeProvider(
        "test",
        List.of("test:///default"),
        Set.of(BlockJobs.class, Jobs.class, Snapshots.class, TestControl.class),
        declared(),
        Optional.empty());
  }

  private static Set<Capability> declared() {
    EnumSet<Capability> declared =
        EnumSet.range(Capability.CAPABILITY_DOMAIN_LIFECYCLE, Capability.CAPABILITY_TEST_CONTROL);
    declared.add(Capability.CAPABILITY_SNAPSHOT_COPY);
    return declared;
  }

  /** A driver that has only what every driver has. */
  public static FakeProvider bare(String scheme, String uri) {
    return new FakeProvider(scheme, List.of(uri), Set.of(), Set.of(), Optional.empty());
  }

  /** A driver that cannot be opened. */
  public static FakeProvider broken(String scheme, RuntimeException failure) {
    return new FakeProvider(
        scheme, List.of(scheme + ":///session"), Set.of(), Set.of(), Optional.of(failure));
  }

  /** The driver opened last. */
  public FakeDriver driver() {
    return Optional.ofNullable(opened.get()).orElseThrow();
  }

  @Override
  public String scheme() {
    return scheme;
  }

  @Override
  public String description() {
    return "a driver for tests of the daemon";
  }

  @Override
  public Map<String, String> settings() {
    return Map.of("colour", "Colour of the driver. Default: grey.");
  }

  @Override
  public Driver open(DriverContext context) {
    failure.ifPresent(
        thrown -> {
          throw thrown;
        });
    FakeDriver driver = new FakeDriver(context, uris, facets, declared);
    opened.set(driver);
    return driver;
  }
}
