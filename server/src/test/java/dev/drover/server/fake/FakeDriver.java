package dev.drover.server.fake;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.drover.spi.BlockJobs;
import dev.drover.spi.CallContext;
import dev.drover.spi.ChainRepairs;
import dev.drover.spi.Domains;
import dev.drover.spi.Driver;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverInfo;
import dev.drover.spi.JobGroups;
import dev.drover.spi.Jobs;
import dev.drover.spi.NodeInfoSource;
import dev.drover.spi.Snapshots;
import dev.drover.spi.TestControl;
import dev.drover.spi.event.DriverEvent;
import dev.drover.v1.Capability;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import dev.drover.v1.NodeInfo;
import dev.drover.v1.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A driver that remembers what it was asked, runs the test's hook and answers with what the test
 * put into its model.
 */
public final class FakeDriver implements Driver {

  /** A request as it arrived. */
  public record Seen(String method, CallContext call, Message request) {}

  private final DriverContext context;
  private final List<String> uris;
  private final Set<Class<?>> facets;
  private final Set<Capability> declared;
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final Map<String, Domain> domains = new ConcurrentSkipListMap<>();
  private final Map<String, Job> jobs = new ConcurrentSkipListMap<>();
  private final Map<String, List<String>> placeHolders = new ConcurrentSkipListMap<>();
  private final Map<String, Snapshot> snapshots = new ConcurrentSkipListMap<>();
  private volatile Consumer<Seen> hook = _ -> {};
  private volatile Runnable readHook = () -> {};
  private volatile Runnable lookHook = () -> {};
  private volatile boolean closed;

  FakeDriver(
      DriverContext context, List<String> uris, Set<Class<?>> facets, Set<Capability> declared) {
    this.context = context;
    this.uris = uris;
    this.facets = facets;
    this.declared = declared;
  }

  /** What the daemon lent. */
  public DriverContext context() {
    return context;
  }

  /** Requests in the order in which they arrived. */
  public List<Seen> seen() {
    return seen;
  }

  /** Runs before every answer of a call that changes something. */
  public void onCall(Consumer<Seen> body) {
    hook = body;
  }

  /** Runs before every list of domains, which a driver must not make anybody wait for. */
  public void onList(Runnable body) {
    readHook = body;
  }

  /** Runs before every look at one domain. */
  public void onGet(Runnable body) {
    lookHook = body;
  }

  /** Whether the daemon has closed the driver. */
  public boolean closed() {
    return closed;
  }

  /** Puts a domain into the model and tells it. */
  public Domain put(String name) {
    return put(name, Map.of());
  }

  /** Puts a domain with labels into the model and tells it. */
  public Domain put(String name, Map<String, String> labels) {
    Domain domain =
        Domain.newBuilder()
            .setSpec(DomainSpec.newBuilder().setName(name).setUuid(uuid(name)).putAllLabels(labels))
            .setStatus(
                DomainStatus.newBuilder()
                    .setState(DomainState.DOMAIN_STATE_SHUT_OFF)
                    .setPersistent(true))
            .build();
    domains.put(name, domain);
    publish(
        new DriverEvent.DomainEvent(
            context.clock().instant(), EventKind.EVENT_KIND_DOMAIN_DEFINED, domain));
    return domain;
  }

  /** Puts a domain into the model whose hypervisor does not answer. */
  public void putUnresponsive(String name, String detail) {
    Domain domain = put(name);
    domains.put(
        name,
        domain.toBuilder()
            .setStatus(
                domain.getStatus().toBuilder()
                    .setState(DomainState.DOMAIN_STATE_RUNNING)
                    .setUnresponsive(true)
                    .setUnresponsiveDetail(detail))
            .build());
  }

  /** Takes a domain out of the model without telling anybody. */
  public void remove(String name) {
    domains.remove(name);
  }

  /** The uuid of a domain of this driver. */
  public static String uuid(String name) {
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** Puts a job into the model and tells it. */
  public Job put(Job job, EventKind kind) {
    jobs.put(job.getId(), job);
    publish(new DriverEvent.JobEvent(context.clock().instant(), kind, job));
    return job;
  }

  /** Puts a job into the model without telling anybody. */
  public void putSilently(Job job) {
    jobs.put(job.getId(), job);
  }

  /** Puts a snapshot into the model. */
  public void put(Snapshot snapshot) {
    snapshots.put(snapshot.getName(), snapshot);
  }

  /** Publishes an event. */
  public void publish(DriverEvent event) {
    context.events().publish(event);
  }

  /** A job of a state. */
  public static Job job(String id, JobState state) {
    return job(id, state, "web");
  }

  /** A job of a state on a domain. */
  public static Job job(String id, JobState state, String domain) {
    return Job.newBuilder()
        .setId(id)
        .setState(state)
        .setDomainName(domain)
        .setDomainUuid(uuid(domain))
        .setDisk("vda")
        .setCreateTime(Timestamp.newBuilder().setSeconds(id.hashCode()))
        .build();
  }

  @Override
  public DriverInfo info() {
    return new DriverInfo(uris, "Fake", "1", "", declared, List.of(), List.of("fake"), "");
  }

  @Override
  public NodeInfoSource node() {
    return () -> NodeInfo.newBuilder().setCpuModel("fake").setCpus(2).build();
  }

  @Override
  public Domains domains() {
    return new FakeDomains(this);
  }

  @Override
  public Optional<BlockJobs> blockJobs() {
    return optional(BlockJobs.class, new FakeBlockJobs(this));
  }

  @Override
  public Optional<ChainRepairs> chainRepairs() {
    return optional(ChainRepairs.class, new FakeChainRepairs(this));
  }

  @Override
  public Optional<JobGroups> jobGroups() {
    return optional(JobGroups.class, new FakeJobGroups(this));
  }

  @Override
  public Optional<Jobs> jobs() {
    return optional(Jobs.class, new FakeJobs(this));
  }

  @Override
  public Optional<Snapshots> snapshots() {
    return optional(Snapshots.class, new FakeSnapshots(this));
  }

  @Override
  public Optional<TestControl> testControl() {
    return optional(TestControl.class, new FakeTestControl(this));
  }

  @Override
  public void close() {
    closed = true;
  }

  private <T> Optional<T> optional(Class<T> type, T facet) {
    return facets.contains(type) ? Optional.of(facet) : Optional.empty();
  }

  /** Remembers a request and runs the test's hook. */
  void called(String method, CallContext call, Message request) {
    Seen now = new Seen(method, call, request);
    seen.add(now);
    hook.accept(now);
  }

  /** Runs the test's hook for lists. */
  void listed() {
    readHook.run();
  }

  /** Runs the test's hook for looks at a domain. */
  void looked() {
    lookHook.run();
  }

  Map<String, Domain> domainModel() {
    return domains;
  }

  /** Ids of the jobs that have the places for which jobs wait, by the one that waits. */
  public Map<String, List<String>> placeHolders() {
    return placeHolders;
  }

  Map<String, Job> jobModel() {
    return jobs;
  }

  Map<String, Snapshot> snapshotModel() {
    return snapshots;
  }
}
