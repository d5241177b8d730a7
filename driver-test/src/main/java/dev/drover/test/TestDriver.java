package dev.drover.test;

import dev.drover.spi.BlockJobs;
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
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.event.EventSink;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.queue.JobQueue;
import dev.drover.spi.queue.QueuedBlockJobs;
import dev.drover.spi.queue.QueuedJobs;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.snapshot.SnapshotDeletions;
import dev.drover.spi.store.MemoryStore;
import dev.drover.test.block.BlockFacets;
import dev.drover.test.clock.VirtualClock;
import dev.drover.test.clock.WorldLock;
import dev.drover.test.control.TestWorldControl;
import dev.drover.test.domain.SpecSupport;
import dev.drover.test.domain.TestDomains;
import dev.drover.test.fault.EventFaults;
import dev.drover.test.fault.FaultGate;
import dev.drover.test.fault.FaultPlan;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.OpenDisks;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.ImageHost;
import dev.drover.test.snapshot.SnapshotReverts;
import dev.drover.test.snapshot.TestDeletionWork;
import dev.drover.test.snapshot.TestSnapshots;
import dev.drover.v1.AccelerationCapability;
import dev.drover.v1.Capability;
import dev.drover.v1.NodeInfo;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * The in-memory hypervisor. Its world begins with the daemon and ends with it; the daemon's store
 * is not used.
 */
final class TestDriver implements Driver {

  private static final int CPUS = 8;
  private static final long MEMORY_BYTES = 16L << 30;
  private static final long MAC_ADDRESS_SEED = 1;

  private final World world;
  private final TestDomains domains;
  private final BlockFacets block;
  private final JobQueue queue;
  private final SnapshotDeletions deletions;
  private final TestSnapshots snapshots;
  private final TestWorldControl control;

  TestDriver(DriverContext context) {
    TestSettings settings = TestSettings.of(context.settings());
    this.world = world(context, settings);
    Machines machines = new Machines(world);
    // Addresses of network interfaces repeat from run to run, as everything here does.
    this.domains = new TestDomains(world, machines, new Random(MAC_ADDRESS_SEED));
    SnapshotReverts reverts = new SnapshotReverts(world, machines);
    this.block = BlockFacets.of(world, machines, reverts);
    this.queue =
        new JobQueue(
            world.jobs(),
            block.blockJobs(),
            context.limits(),
            TestDriver::directory,
            world.time(),
            context.blocking(),
            (delay, work) -> world.lock().run(() -> world.clock().schedule(delay, work)));
    this.deletions =
        new SnapshotDeletions(
            world.store(),
            context.clock(),
            context.blocking(),
            world.domains(),
            world.lanes(),
            world.jobs(),
            world.snapshots(),
            new TestDeletionWork(world, block),
            queue);
    this.snapshots = new TestSnapshots(world, machines, reverts, deletions, block.momentCopies());
    this.control = new TestWorldControl(world, machines);
    DefaultWorld.make(control, domains, context.clock().instant());
  }

  /** Images of one directory share a store, as the model has no other file systems. */
  private static String directory(String path) {
    return path.substring(0, Math.max(1, path.lastIndexOf('/')));
  }

  private static World world(DriverContext context, TestSettings settings) {
    InstantSource time = context.clock();
    WorldLock lock = new WorldLock(time);
    VirtualClock clock = new VirtualClock(lock, time, context.timers(), settings.manualClock());
    FaultPlan faults = new FaultPlan();
    EventSink events = new EventFaults(context.events(), faults);
    ImageHost images = new ImageHost(settings.capacityBytes());
    MemoryStore store = new MemoryStore();
    return new World(
        lock,
        clock,
        settings.pace(),
        time,
        faults,
        new FaultGate(lock, clock, faults, context.activities()),
        images,
        new OpenDisks(images),
        store,
        new DomainBook(store, time, events, context.limits()),
        new DomainLanes(time, context.activities()),
        new JobBook(store, time, events),
        new SnapshotBook(store, time, events));
  }

  @Override
  public DriverInfo info() {
    return new DriverInfo(
        List.of("test:///default"),
        "Test",
        "1.0",
        "",
        Set.of(
            Capability.CAPABILITY_DOMAIN_TRANSIENT,
            Capability.CAPABILITY_DOMAIN_AUTOSTART,
            Capability.CAPABILITY_BLOCK_JOBS_OFFLINE,
            Capability.CAPABILITY_SNAPSHOT_OFFLINE,
            Capability.CAPABILITY_SNAPSHOT_REVERT,
            Capability.CAPABILITY_SNAPSHOT_MEMORY,
            Capability.CAPABILITY_SNAPSHOT_MEMORY_LIVE,
            Capability.CAPABILITY_SNAPSHOT_COPY,
            Capability.CAPABILITY_SNAPSHOT_IMPORT,
            Capability.CAPABILITY_SNAPSHOT_INTERNAL,
            Capability.CAPABILITY_SNAPSHOT_DELETE,
            Capability.CAPABILITY_GUEST_AGENT,
            Capability.CAPABILITY_JOB_POLICIES),
        List.of(
            acceleration("kvm", false, "the test driver executes no guest code"),
            acceleration("tcg", true, "accepted; the test driver executes no guest code")),
        SpecSupport.MACHINES,
        "");
  }

  @Override
  public NodeInfoSource node() {
    return () ->
        NodeInfo.newBuilder()
            .setCpuModel("x86_64")
            .setCpus(CPUS)
            .setMemoryBytes(MEMORY_BYTES)
            .setFreeMemoryBytes(MEMORY_BYTES / 2)
            .build();
  }

  @Override
  public Domains domains() {
    return domains;
  }

  @Override
  public Optional<BlockJobs> blockJobs() {
    return Optional.of(new QueuedBlockJobs(block.blockJobs(), queue));
  }

  @Override
  public Optional<ChainRepairs> chainRepairs() {
    return Optional.of(block.chainRepairs());
  }

  @Override
  public Optional<Jobs> jobs() {
    return Optional.of(new QueuedJobs(block.jobs(), queue));
  }

  @Override
  public Optional<JobGroups> jobGroups() {
    return Optional.of(block.groups());
  }

  @Override
  public Optional<Snapshots> snapshots() {
    return Optional.of(snapshots);
  }

  @Override
  public Optional<TestControl> testControl() {
    return Optional.of(control);
  }

  @Override
  public void close() {
    queue.close();
    deletions.close();
    world.clock().close();
  }

  private static AccelerationCapability acceleration(String name, boolean usable, String detail) {
    return AccelerationCapability.newBuilder()
        .setName(name)
        .setUsable(usable)
        .setDetail(detail)
        .build();
  }
}
