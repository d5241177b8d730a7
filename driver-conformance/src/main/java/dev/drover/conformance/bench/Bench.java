package dev.drover.conformance.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.GuestWorld;
import dev.drover.v1.Capability;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DestroyDomainRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainFilter;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DriverCapabilities;
import dev.drover.v1.GetCapabilitiesRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobFilter;
import dev.drover.v1.ListDomainsRequest;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.UndefineDomainRequest;
import io.grpc.ClientInterceptors;
import io.grpc.StatusRuntimeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything one case works with. Domains it makes carry the bench's prefix in their names; when
 * the bench is closed they are destroyed and undefined, and whatever is still there afterwards
 * fails the case.
 */
public final class Bench implements AutoCloseable {

  private final ConformanceTarget target;
  private final Observations observations;
  private final Set<Capability> declared;
  private final String prefix;
  private final String directory;
  private final Deque<Runnable> closing = new ArrayDeque<>();
  private final Map<String, Integer> counters = new LinkedHashMap<>();

  private Bench(
      ConformanceTarget target,
      Observations observations,
      Set<Capability> declared,
      String prefix,
      String directory) {
    this.target = target;
    this.observations = observations;
    this.declared = declared;
    this.prefix = prefix;
    this.directory = directory;
  }

  /**
   * Prepares a bench.
   *
   * @param label letters, digits and dashes, unique in the run
   */
  public static Bench open(
      ConformanceTarget target, Observations observations, Set<Capability> declared, String label) {
    return new Bench(
        target, observations, declared, "conf-" + label, target.world().directory(label));
  }

  /** What the driver under test says of itself. */
  public static DriverCapabilities driverOf(ConformanceTarget target, Observations observations) {
    return Calls.on(
            ClientInterceptors.intercept(target.channel(), observations), target.connectionUri())
        .host()
        .getCapabilities(GetCapabilitiesRequest.getDefaultInstance())
        .getDrivers(0);
  }

  /** Calls on the connection under test. */
  public Calls calls() {
    return calls(target.connectionUri());
  }

  /** Calls on another connection of the same daemon. */
  public Calls calls(String connectionUri) {
    return Calls.on(raw(), connectionUri).within(target.patience());
  }

  /** Images and guests. */
  public GuestWorld world() {
    return target.world();
  }

  /** What the run is about. */
  public ConformanceTarget target() {
    return target;
  }

  /** Capabilities the driver declares. */
  public Set<Capability> declared() {
    return declared;
  }

  /** Directory of the case's own. */
  public String directory() {
    return directory;
  }

  /** A name for a domain, with the case's prefix. */
  public String name(String label) {
    int count = counters.merge(label, 1, Integer::sum);
    return prefix + "-" + label + (count == 1 ? "" : Integer.toString(count));
  }

  /** Prefix of every domain of the case. */
  public String prefix() {
    return prefix;
  }

  /** A path in the case's directory. */
  public String path(String file) {
    return directory + "/" + file;
  }

  /** A spec of a small domain with these disks. */
  public DomainSpec spec(String name, Disk... disks) {
    return target.domain(name).toBuilder()
        .setName(name)
        .clearDisks()
        .addAllDisks(Arrays.asList(disks))
        .build();
  }

  /** Defines a domain with the chains as its disks. */
  public TestDomain define(DiskChain... chains) {
    return define(
        spec(name("vm"), Arrays.stream(chains).map(DiskChain::disk).toArray(Disk[]::new)));
  }

  /** Defines a domain. */
  public TestDomain define(DomainSpec spec) {
    Domain domain =
        calls()
            .domains()
            .defineDomain(DefineDomainRequest.newBuilder().setSpec(spec).build())
            .getDomain();
    return new TestDomain(this, domain.getSpec().getName(), domain.getSpec().getUuid());
  }

  /** Makes a chain of small qcow2 images, the base first. */
  public DiskChain chain(String diskTarget, String... names) {
    return chain(diskTarget, DiskSize.SMALL, DiskChain.Style.QCOW2, names);
  }

  /** Makes a chain, the base first. */
  public DiskChain chain(String diskTarget, DiskSize size, DiskChain.Style style, String... names) {
    return DiskChain.create(world(), directory, diskTarget, size, style, Arrays.asList(names));
  }

  /** The chain of section 1C: {@code base <- snap1 <- snap2 <- active}. */
  public DiskChain fourLayers() {
    return chain("vda", "base", "snap1", "snap2", "active");
  }

  /** Starts jobs and follows them. */
  public JobCalls jobs() {
    return new JobCalls(calls());
  }

  /** Makes snapshots and looks at them. */
  public SnapshotCalls snapshots() {
    return new SnapshotCalls(calls());
  }

  /** Compares chain, headers, definition and contents. */
  public ChainCheck check(TestDomain domain) {
    return new ChainCheck(this, domain);
  }

  /** Runs something when the bench is closed, before domains are removed; the last one first. */
  public void onClose(Runnable action) {
    closing.push(action);
  }

  @Override
  public void close() {
    List<Throwable> problems = new ArrayList<>();
    while (!closing.isEmpty()) {
      attempt(problems, closing.pop());
    }
    List<Domain> mine = domains();
    for (Domain domain : mine) {
      attempt(problems, () -> remove(domain));
    }
    attempt(
        problems,
        () -> {
          assertThat(domains().stream().map(domain -> domain.getSpec().getName()))
              .as("domains left behind")
              .isEmpty();
          for (Domain domain :
              declared.contains(Capability.CAPABILITY_BLOCK_CHAIN) ? mine : List.<Domain>of()) {
            assertThat(activeJobs(domain.getSpec().getUuid()))
                .as("jobs still at work on the removed domain")
                .isEmpty();
          }
        });
    attempt(problems, () -> world().removeDirectory(directory));
    if (!problems.isEmpty()) {
      AssertionError failure =
          new AssertionError("the case left something behind", problems.getFirst());
      problems.stream().skip(1).forEach(failure::addSuppressed);
      throw failure;
    }
  }

  /** Domains of this case. */
  public List<Domain> domains() {
    return calls()
        .domains()
        .listDomains(
            ListDomainsRequest.newBuilder()
                .setPageSize(1000)
                .setFilter(DomainFilter.newBuilder().setNameGlob(prefix + "-*"))
                .build())
        .getDomainsList();
  }

  private List<Job> activeJobs(String uuid) {
    return calls()
        .jobs()
        .listJobs(
            ListJobsRequest.newBuilder()
                .setFilter(JobFilter.newBuilder().setActiveOnly(true))
                .build())
        .getJobsList()
        .stream()
        .filter(job -> job.getDomainUuid().equals(uuid))
        .toList();
  }

  private void remove(Domain domain) {
    DomainRef ref = DomainRef.newBuilder().setUuid(domain.getSpec().getUuid()).build();
    if (domain.getStatus().getId() != 0) {
      try {
        var _ =
            calls()
                .domains()
                .destroyDomain(DestroyDomainRequest.newBuilder().setDomain(ref).build());
      } catch (StatusRuntimeException e) {
        gone(e);
      }
    }
    if (domain.getStatus().getPersistent()) {
      try {
        var _ =
            calls()
                .domains()
                .undefineDomain(
                    UndefineDomainRequest.newBuilder()
                        .setDomain(ref)
                        .setSnapshotsMetadata(true)
                        .build());
      } catch (StatusRuntimeException e) {
        gone(e);
      }
    }
  }

  /** A domain that ended by itself meanwhile is as good as removed. */
  private static void gone(StatusRuntimeException failure) {
    switch (failure.getStatus().getCode()) {
      case NOT_FOUND, FAILED_PRECONDITION -> {}
      case OK,
          CANCELLED,
          UNKNOWN,
          INVALID_ARGUMENT,
          DEADLINE_EXCEEDED,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          RESOURCE_EXHAUSTED,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          INTERNAL,
          UNAVAILABLE,
          DATA_LOSS,
          UNAUTHENTICATED ->
          throw failure;
    }
  }

  private static void attempt(List<Throwable> problems, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | AssertionError e) {
      problems.add(e);
    }
  }

  private io.grpc.Channel raw() {
    return ClientInterceptors.intercept(target.channel(), observations);
  }
}
