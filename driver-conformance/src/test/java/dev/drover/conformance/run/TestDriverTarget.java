package dev.drover.conformance.run;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.GuestWorld;
import dev.drover.conformance.world.TestDriverWorld;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.spi.DriverProvider;
import dev.drover.test.TestDriverProvider;
import dev.drover.v1.DomainSpec;
import io.grpc.Channel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** The test driver behind a daemon of the run's own. */
final class TestDriverTarget implements ConformanceTarget {

  private static final String URI = "test:///default";

  /** As fast as the disks that QEMU's cases have, so that jobs without a limit end at once. */
  private static final String DISK_BYTES_PER_SECOND = Long.toString(640L << 20);

  private final String name;
  private final DaemonRun run;
  private final Duration patience;

  TestDriverTarget(String name, Path directory, DaemonRun.Way way) {
    this(name, directory, way, new TestDriverProvider(), PATIENCE);
  }

  TestDriverTarget(
      String name, Path directory, DaemonRun.Way way, DriverProvider driver, Duration patience) {
    this(name, DaemonRun.start(plan(directory, driver), way), patience);
  }

  private TestDriverTarget(String name, DaemonRun run, Duration patience) {
    this.name = name;
    this.run = run;
    this.patience = patience;
  }

  /** Behind a daemon with a change to its plan. */
  static TestDriverTarget changed(
      String name, Path directory, UnaryOperator<EmbeddedDaemon.Plan> change) {
    return new TestDriverTarget(
        name,
        DaemonRun.start(
            change.apply(plan(directory, new TestDriverProvider())), DaemonRun.Way.IN_PROCESS),
        PATIENCE);
  }

  private static EmbeddedDaemon.Plan plan(Path directory, DriverProvider driver) {
    return EmbeddedDaemon.in(directory, driver)
        .setting("test", "disk_bytes_per_second", DISK_BYTES_PER_SECOND);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Channel channel() {
    return run.channel();
  }

  @Override
  public String connectionUri() {
    return URI;
  }

  @Override
  public DomainSpec domain(String domain) {
    return DomainSpec.newBuilder().setName(domain).setMemoryBytes(32L << 20).build();
  }

  @Override
  public GuestWorld world() {
    return new TestDriverWorld(this::channel, URI);
  }

  @Override
  public boolean restartDaemon() {
    run.restart();
    return true;
  }

  @Override
  public Duration patience() {
    return patience;
  }

  @Override
  public boolean traces() {
    return true;
  }

  @Override
  public void close() {
    run.close();
  }
}
