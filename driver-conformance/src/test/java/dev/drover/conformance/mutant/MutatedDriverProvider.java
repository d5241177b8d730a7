package dev.drover.conformance.mutant;

import dev.drover.spi.BlockJobs;
import dev.drover.spi.ChainRepairs;
import dev.drover.spi.Domains;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverInfo;
import dev.drover.spi.DriverProvider;
import dev.drover.spi.JobGroups;
import dev.drover.spi.Jobs;
import dev.drover.spi.NodeInfoSource;
import dev.drover.spi.Snapshots;
import dev.drover.spi.TestControl;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.event.EventSink;
import dev.drover.test.TestDriverProvider;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** The test driver with one mistake, or none, for each daemon that opens it. */
public final class MutatedDriverProvider implements DriverProvider {

  private final DriverProvider correct = new TestDriverProvider();
  private final Supplier<Mutation> mutations;

  /** Seeds a mistake. */
  public MutatedDriverProvider(Supplier<Mutation> mutations) {
    this.mutations = mutations;
  }

  @Override
  public String scheme() {
    return correct.scheme();
  }

  @Override
  public String description() {
    return correct.description() + ", with a seeded mistake";
  }

  @Override
  public Map<String, String> settings() {
    return correct.settings();
  }

  @Override
  public Driver open(DriverContext context) {
    Mutation mutation = mutations.get();
    AtomicReference<Optional<Driver>> opened = new AtomicReference<>(Optional.empty());
    EventSink events =
        event ->
            opened
                .get()
                .map(driver -> mutation.events(event, driver))
                .orElseGet(() -> List.of(event))
                .forEach(told -> context.events().publish(told(told, mutation)));
    Driver real =
        correct.open(
            new DriverContext(
                context.mode(),
                context.store(),
                context.clock(),
                events,
                context.activities(),
                context.blocking(),
                context.timers(),
                context.stateDirectory(),
                context.runtimeDirectory(),
                context.settings(),
                mutation.limits(context.limits())));
    opened.set(Optional.of(real));
    return new MutatedDriver(real, mutation);
  }

  private static DriverEvent told(DriverEvent event, Mutation mutation) {
    return switch (event) {
      case DriverEvent.DomainEvent domain -> domain;
      case DriverEvent.JobEvent job ->
          new DriverEvent.JobEvent(job.time(), job.kind(), mutation.job(job.job()));
      case DriverEvent.SnapshotEvent snapshot ->
          new DriverEvent.SnapshotEvent(
              snapshot.time(), snapshot.kind(), mutation.snapshot(snapshot.snapshot()));
    };
  }

  private record MutatedDriver(Driver real, Mutation mutation) implements Driver {

    @Override
    public DriverInfo info() {
      return mutation.info(real.info());
    }

    @Override
    public NodeInfoSource node() {
      return real.node();
    }

    @Override
    public Domains domains() {
      return mutation.domains(real);
    }

    @Override
    public Optional<BlockJobs> blockJobs() {
      return Optional.of(new ForwardingBlockJobs(mutation.blockJobs(real), mutation::job));
    }

    @Override
    public Optional<Jobs> jobs() {
      return Optional.of(new ForwardingJobs(mutation.jobs(real), mutation::job));
    }

    @Override
    public Optional<ChainRepairs> chainRepairs() {
      return Optional.of(mutation.chainRepairs(real));
    }

    @Override
    public Optional<JobGroups> jobGroups() {
      return Optional.of(mutation.jobGroups(real));
    }

    @Override
    public Optional<Snapshots> snapshots() {
      return Optional.of(
          new ForwardingSnapshots(mutation.snapshots(real), mutation::job, mutation::snapshot));
    }

    @Override
    public Optional<TestControl> testControl() {
      return real.testControl();
    }

    @Override
    public void close() {
      real.close();
    }
  }
}
