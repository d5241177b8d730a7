package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.qemu.DaemonDeath;
import dev.drover.qemu.domain.DomainEnd;
import dev.drover.qemu.domain.GuestInterventions;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.domain.RuntimeRecord;
import dev.drover.qemu.domain.RuntimeRecords;
import dev.drover.qemu.image.BlockdevOptions;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.offline.StorageDaemons;
import dev.drover.qemu.process.ToolMark;
import dev.drover.qemu.qmp.BlockGraph;
import dev.drover.qemu.qmp.JobInfo;
import dev.drover.qemu.qmp.MonitorCommand;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.qemu.qmp.RunCommand;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.DaemonMode;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverSettings;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.EventKind;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.RepairChainResponse;
import dev.drover.v1.Snapshot;
import dev.drover.v1.VerifyChainRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The block side of the driver on a real QEMU, emulated, whose guest is held before its first
 * instruction. The "guest" writes through its disk by the monitor. The driver can be closed and
 * opened again on the same store, and QEMU be stopped or killed.
 */
final class BlockBench implements CrashBench {

  static final String UUID = "6a3c1a52-3a44-4f5c-9f0e-0a8a7a5b0001";
  static final DomainRef DOMAIN = DomainRef.newBuilder().setUuid(UUID).build();
  static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ImagePaths PATHS = new ImagePaths(List.of());
  private static final OpeningCheck OPENING = new OpeningCheck(PATHS);

  private final Path directory;
  private final TestImages images;
  private final Optional<TestImages> second;
  private final MemoryStore durable = new MemoryStore();
  private final QmpEventLoop loop = new QmpEventLoop(Activities.UNOBSERVED);
  private final ExecutorService blocking = DaemonDeath.threads();
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private final Process qemu;
  private final Path socket;
  private Path monitorSocket;
  private Optional<StrikingMonitor> interposed = Optional.empty();
  private final List<Job> told = new CopyOnWriteArrayList<>();
  private StrikingStore store = new StrikingStore(durable);
  private DomainBook domains;
  private JobBook book;
  private SnapshotBook snapshots;
  private LiveDomains lives;
  private LiveDomain live;
  private QemuBlock block;

  /** Starts QEMU on a chain of four images of this size. */
  BlockBench(Path directory, int sizeBytes) {
    this(
        directory,
        TestImages.create(directory, sizeBytes),
        ImageFormat.IMAGE_FORMAT_QCOW2,
        "active");
  }

  /** The same with storage that fails. */
  BlockBench(Path directory, int sizeBytes, FaultyFile faulty) {
    this(
        directory,
        TestImages.create(directory, sizeBytes),
        Optional.empty(),
        ImageFormat.IMAGE_FORMAT_QCOW2,
        "active",
        faulty::around);
  }

  BlockBench(Path directory, TestImages images, ImageFormat format, String active) {
    this(directory, images, Optional.empty(), format, active, node -> node);
  }

  /** Starts QEMU with two disks, vda and vdb, each on a chain of four images of this size. */
  static BlockBench withTwoDisks(Path directory, int sizeBytes) {
    try {
      return new BlockBench(
          directory,
          TestImages.create(directory, sizeBytes),
          Optional.of(
              TestImages.create(Files.createDirectories(directory.resolve("vdb")), sizeBytes)),
          ImageFormat.IMAGE_FORMAT_QCOW2,
          "active",
          node -> node);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BlockBench(
      Path directory,
      TestImages images,
      Optional<TestImages> second,
      ImageFormat format,
      String active,
      UnaryOperator<ObjectNode> storage) {
    this.directory = directory;
    this.images = images;
    this.second = second;
    this.socket = directory.resolve("qmp.sock");
    this.monitorSocket = socket;
    Image source =
        Image.newBuilder().setPath(images.path(active).toString()).setFormat(format).build();
    DomainSpec.Builder disks = DomainSpec.newBuilder().setUuid(UUID).setName("guest");
    disks.addDisks(Disk.newBuilder().setTarget("vda").setSource(source));
    List<DiskGraph> graphs = new ArrayList<>(List.of(HeldQemu.graph("vda", source)));
    if (second.isPresent()) {
      Image other = source.toBuilder().setPath(second.get().path("active").toString()).build();
      disks.addDisks(Disk.newBuilder().setTarget("vdb").setSource(other));
      graphs.add(HeldQemu.graph("vdb", other));
    }
    DomainSpec spec = disks.build();
    this.domains = new DomainBook(store, InstantSource.system(), _ -> {});
    Domain domain = domains.define(spec, "");
    this.qemu = HeldQemu.spawn(directory, socket, graphs, storage);
    RuntimeRecords records = new RuntimeRecords(store);
    records.put(
        new RuntimeRecord(
            RuntimeRecord.Phase.RUNNING,
            domain.toBuilder()
                .setStatus(domain.getStatus().toBuilder().setId(1).setLiveSpec(spec))
                .build(),
            directory,
            qemu.pid(),
            0,
            "",
            graphs.stream().mapToInt(graph -> graph.images().size()).max().orElseThrow(),
            graphs,
            GuestInterventions.NONE));
    open();
  }

  private void open() {
    domains = new DomainBook(store, InstantSource.system(), _ -> {});
    book = new JobBook(store, InstantSource.system(), this::tell);
    snapshots = new SnapshotBook(store, InstantSource.system(), _ -> {});
    lives = new LiveDomains();
    DriverContext context =
        new DriverContext(
            DaemonMode.SESSION,
            store,
            InstantSource.system(),
            _ -> {},
            Activities.UNOBSERVED,
            blocking,
            timers,
            directory,
            directory,
            new DriverSettings(Map.of()));
    block =
        QemuBlock.of(
            context,
            domains,
            new DomainLanes(InstantSource.system(), Activities.UNOBSERVED),
            book,
            snapshots,
            lives,
            new StorageDaemons(context, loop, Path.of("/usr/bin/qemu-storage-daemon"), OPENING),
            PATHS,
            OPENING,
            new ImageTool(Path.of("/usr/bin/qemu-img"), ToolMark.of(directory), PATHS));
    RuntimeRecords records = new RuntimeRecords(store);
    if (qemu.isAlive()) {
      for (RuntimeRecord record : records.list()) {
        live = new LiveDomain(record, records, timers);
        live.connect(connect());
        domains.observe(
            UUID,
            EventKind.EVENT_KIND_DOMAIN_STARTED,
            status ->
                status
                    .setState(DomainState.DOMAIN_STATE_PAUSED)
                    .setId(1)
                    .setLiveSpec(record.domain().getStatus().getLiveSpec()));
        lives.add(live);
        lives.adopted(live);
      }
    }
    block.workers().recover();
  }

  private void tell(DriverEvent event) {
    if (event instanceof DriverEvent.JobEvent told) {
      this.told.add(told.job());
    }
  }

  /** Every job that was told to those who watch, in order. */
  List<Job> told() {
    return List.copyOf(told);
  }

  private QmpConnection connect() {
    try {
      return QmpConnection.connectWhenListening(loop, monitorSocket, PATIENCE, qemu::isAlive);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void closeDriver() {
    block.workers().close();
    live.disconnect();
  }

  /** Speaks to QEMU while no driver does, as another client of its monitor. */
  void behindTheDaemon(Consumer<QmpConnection> orders) {
    try (QmpConnection monitor = connect()) {
      orders.accept(monitor);
    }
  }

  /** Compares the disk's chain. */
  ChainVerification verify() {
    return block
        .chainRepairs()
        .verify(call(), VerifyChainRequest.newBuilder().setDomain(DOMAIN).setDisk("vda").build());
  }

  /** Repairs the disk's chain, or says how. */
  RepairChainResponse repair(boolean validateOnly) {
    return block
        .chainRepairs()
        .repair(
            call(),
            RepairChainRequest.newBuilder()
                .setDomain(DOMAIN)
                .setDisk("vda")
                .setValidateOnly(validateOnly)
                .build());
  }

  /** Puts a snapshot on record. */
  void remember(Snapshot snapshot) {
    snapshots.change(transaction -> snapshots.add(transaction, snapshot));
  }

  @Override
  public void openDriver() {
    store = new StrikingStore(durable);
    open();
  }

  @Override
  public StrikingMonitor interpose() {
    closeDriver();
    monitorSocket = directory.resolve("striking.sock");
    StrikingMonitor monitor = new StrikingMonitor(() -> socket, monitorSocket);
    interposed = Optional.of(monitor);
    openDriver();
    return monitor;
  }

  @Override
  public StrikingStore store() {
    return store;
  }

  @Override
  public void killDaemon() {
    store.cut();
    live.disconnect();
  }

  @Override
  public DomainRef domain() {
    return DOMAIN;
  }

  @Override
  public boolean running() {
    return true;
  }

  @Override
  public void assertNothingLeft() {
    if (!qemu.isAlive()) {
      return;
    }
    assertThat(qemuJobs()).isEmpty();
    assertThat(formatNodes())
        .isEqualTo(
            live.disk("vda").images().stream()
                .map(ImageNode::formatNode)
                .collect(Collectors.toSet()));
  }

  /** Names of all nodes of QEMU that belong to the disk, without those of files. */
  Set<String> formatNodes() {
    return live.execute(new QueryCommand.QueryBlockGraph()).nodes().stream()
        .filter(vertex -> vertex.type().equals("block-driver"))
        .map(BlockGraph.Vertex::name)
        .filter(name -> !name.endsWith("-file"))
        .collect(Collectors.toSet());
  }

  /** Names of the format nodes that are open for writing. */
  List<String> writableNodes() {
    live.execute(new QueryCommand.QueryJobs());
    return live.execute(new QueryCommand.QueryNamedBlockNodes(true)).stream()
        .filter(node -> !node.readOnly())
        .flatMap(node -> node.nodeName().stream())
        .filter(name -> !name.endsWith("-file"))
        .toList();
  }

  /** Defines another domain, which does not run, on an image of the chain. */
  void defineOther(String image) {
    defineOther(images.path(image));
  }

  /** The same, by any path that leads to one. */
  void defineOther(Path image) {
    Disk disk =
        Disk.newBuilder()
            .setTarget("vda")
            .setSource(
                Image.newBuilder()
                    .setPath(image.toString())
                    .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))
            .build();
    domains.define(
        DomainSpec.newBuilder()
            .setUuid("6a3c1a52-3a44-4f5c-9f0e-0a8a7a5b0002")
            .setName("other")
            .addDisks(disk)
            .build(),
        "");
  }

  /** Jobs that QEMU knows. */
  List<JobInfo> qemuJobs() {
    return live.execute(new QueryCommand.QueryJobs());
  }

  @Override
  public List<Job> jobList() {
    return book.list();
  }

  /** True while QEMU runs. */
  boolean qemuAlive() {
    return qemu.isAlive();
  }

  @Override
  public QemuBlockJobs blockJobs() {
    return block.blockJobs();
  }

  @Override
  public QemuJobs jobs() {
    return block.jobs();
  }

  /** The running QEMU. */
  LiveDomain live() {
    return live;
  }

  @Override
  public TestImages images() {
    return images;
  }

  @Override
  public CallContext call() {
    return new CallContext(
        new Caller("uid:1000", "test"), "call", Instant.now().plus(PATIENCE), () -> false);
  }

  @Override
  public Job await(String jobId, Predicate<Job> wanted) {
    return book.await(call(), jobId, wanted);
  }

  @Override
  public Job awaitEnd(String jobId) {
    return await(jobId, job -> JobTransitions.terminal(job.getState()));
  }

  /** Writes a byte to a block and flushes, through the guest's device. */
  void guestWrites(int pattern, int blockNumber) {
    guestWrites("vda", pattern, blockNumber);
  }

  /** Writes a byte to a block of a disk and flushes, through the guest's device. */
  void guestWrites(String target, int pattern, int blockNumber) {
    String output =
        live.execute(
            new MonitorCommand.HumanMonitor(
                "qemu-io -d %s \"write -P %d %d %d\""
                    .formatted(
                        HeldQemu.device(target),
                        pattern,
                        (long) blockNumber * TestImages.BLOCK,
                        TestImages.BLOCK)));
    assertThat(output).doesNotContain("rror").doesNotContain("failed");
    live.execute(
        new MonitorCommand.HumanMonitor("qemu-io -d %s flush".formatted(HeldQemu.device(target))));
    images(target).noteWrite(pattern, blockNumber);
  }

  /** The images of a disk. */
  TestImages images(String target) {
    return target.equals("vda") ? images : second.orElseThrow();
  }

  /** Lets the guest's processors run. */
  void run() {
    live.execute(new RunCommand.Cont());
  }

  /** Whether the guest's processors run, as QEMU says. */
  boolean runs() {
    return live.execute(new QueryCommand.QueryStatus()).running();
  }

  /** The chain's file names, from the active image down, as a client sees it. */
  List<String> chain() {
    return block
        .blockJobs()
        .chain(call(), GetBackingChainRequest.newBuilder().setDomain(DOMAIN).setDisk("vda").build())
        .getImagesList()
        .stream()
        .map(image -> String.valueOf(Path.of(image.getPath()).getFileName()))
        .toList();
  }

  /** The active image as the stored definition names it. */
  Image definedSource() {
    return definedSource("vda");
  }

  /** The active image of a disk as the stored definition names it. */
  Image definedSource(String target) {
    return domains.require(UUID).getSpec().getDisksList().stream()
        .filter(disk -> disk.getTarget().equals(target))
        .findFirst()
        .orElseThrow()
        .getSource();
  }

  /** The facet for jobs that end together. */
  QemuJobGroups groups() {
    return block.groups();
  }

  @Override
  public int journalEntries() {
    return new JobJournal(store).list().size();
  }

  @Override
  public List<String> definedChain() {
    return HeldQemu.reader().read("guest", "vda", definedSource()).images().stream()
        .map(image -> String.valueOf(Path.of(image.getPath()).getFileName()))
        .toList();
  }

  /** Ends QEMU in good order. */
  void stopQemu() {
    HeldQemu.quit(live, qemu);
    ended(DomainEnd.Cause.DESTROYED);
  }

  /** Kills QEMU and tells the driver. */
  void killQemu() {
    killHypervisor();
    noticeHypervisor();
  }

  @Override
  public void killHypervisor() {
    qemu.destroyForcibly();
    awaitQemu();
  }

  private void awaitQemu() {
    HeldQemu.awaitEnd(qemu);
  }

  @Override
  public void noticeHypervisor() {
    ended(DomainEnd.Cause.CRASHED);
  }

  /** Tells the driver that QEMU has ended. */
  void ended(DomainEnd.Cause cause) {
    live.disconnect();
    lives.ended(live, new DomainEnd(cause, ""));
    domains.observe(
        UUID,
        EventKind.EVENT_KIND_DOMAIN_STOPPED,
        status -> status.setState(DomainState.DOMAIN_STATE_SHUT_OFF).setId(0).clearLiveSpec());
  }

  @Override
  public void assertNothingLost() {
    if (qemu.isAlive()) {
      stopQemu();
    }
    assertNothingLost("vda");
    if (second.isPresent()) {
      assertNothingLost("vdb");
    }
  }

  private void assertNothingLost(String target) {
    Image source = definedSource(target);
    images(target).assertGuestView(source.getPath(), BlockdevOptions.driver(source.getFormat()));
  }

  @Override
  public void close() {
    block.workers().close();
    live.disconnect();
    interposed.ifPresent(StrikingMonitor::close);
    qemu.destroyForcibly();
    awaitQemu();
    loop.close();
    blocking.close();
    timers.shutdownNow();
    try {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(monitorSocket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
