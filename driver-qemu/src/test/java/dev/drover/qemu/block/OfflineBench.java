package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.DaemonDeath;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.BlockdevOptions;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.offline.StorageDaemons;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.process.ToolMark;
import dev.drover.qemu.qmp.CommandDeadline;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.DaemonMode;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverSettings;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainLanes;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobTransitions;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * The block side of the driver with one shut-off domain on four images, and real storage daemons.
 * The driver can be closed and opened again on the same store, and storage daemons be killed.
 */
final class OfflineBench implements CrashBench {

  static final String UUID = "6a3c1a52-3a44-4f5c-9f0e-0a8a7a5b0003";
  static final DomainRef DOMAIN = DomainRef.newBuilder().setUuid(UUID).build();
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String PROGRAM = "qemu-storage-daemon";

  private static final ImagePaths PATHS = new ImagePaths(List.of());
  private static final OpeningCheck OPENING = new OpeningCheck(PATHS);

  private final Path directory;
  private final Path run;
  private final Duration longestSilence;
  private final TestImages images;
  private final MemoryStore durable = new MemoryStore();
  private final QmpEventLoop loop = new QmpEventLoop(Activities.UNOBSERVED);
  private final ExecutorService blocking = DaemonDeath.threads();
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private final AtomicReference<Path> newestMonitor = new AtomicReference<>(Path.of(""));
  private Optional<StrikingMonitor> interposed = Optional.empty();
  private StrikingStore store = new StrikingStore(durable);
  private DomainBook domains;
  private JobBook book;
  private StorageDaemons storage;
  private QemuBlock block;

  /** Defines the domain on a chain of images of this size. */
  OfflineBench(Path directory, int sizeBytes) {
    this(directory, sizeBytes, CommandDeadline.DRAIN.duration());
  }

  /**
   * The same.
   *
   * @param longestSilence time without an answer after which a storage daemon is ended
   */
  OfflineBench(Path directory, int sizeBytes, Duration longestSilence) {
    this.longestSilence = longestSilence;
    this.directory = directory;
    try {
      this.run = Files.createDirectories(directory.resolve("run"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.images = TestImages.create(directory, sizeBytes);
    this.domains = new DomainBook(store, InstantSource.system(), _ -> {});
    Disk disk =
        Disk.newBuilder()
            .setTarget("vda")
            .setSource(image("active", ImageFormat.IMAGE_FORMAT_QCOW2))
            .build();
    domains.define(
        DomainSpec.newBuilder().setUuid(UUID).setName("guest").addDisks(disk).build(), "");
    open();
  }

  /** The program that a shell would find, since there may be several. */
  private static Path program() {
    return Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin").split(":", -1))
        .map(directory -> Path.of(directory).resolve(PROGRAM))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(PROGRAM + " is not installed"));
  }

  private void open() {
    domains = new DomainBook(store, InstantSource.system(), _ -> {});
    book = new JobBook(store, InstantSource.system(), _ -> {});
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
            run,
            new DriverSettings(Map.of()));
    storage = new StorageDaemons(context, loop, program(), OPENING, this::connect, longestSilence);
    block =
        QemuBlock.of(
            context,
            domains,
            new DomainLanes(InstantSource.system(), Activities.UNOBSERVED),
            book,
            new SnapshotBook(store, InstantSource.system(), _ -> {}),
            new LiveDomains(),
            storage,
            PATHS,
            OPENING,
            new ImageTool(Path.of("/usr/bin/qemu-img"), ToolMark.of(directory), PATHS));
    block.workers().recover();
  }

  @Override
  public void closeDriver() {
    block.workers().close();
    storage.close();
  }

  @Override
  public void openDriver() {
    store = new StrikingStore(durable);
    open();
  }

  @Override
  public void killDaemon() {
    store.cut();
    storage.close();
  }

  @Override
  public void killHypervisor() {
    List<ProcessHandle> found = storageDaemons();
    found.forEach(ProcessHandle::destroyForcibly);
    found.forEach(OfflineBench::awaitEnd);
  }

  private static void awaitEnd(ProcessHandle process) {
    try {
      process.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("killed, and still there: " + state(process.pid()), e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("waiting for an end never fails", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a process ends", e);
    }
  }

  /** What the system says about a process: a D among the first fields waits for a disk. */
  private static String state(long pid) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    } catch (IOException e) {
      return "process %d is gone by now".formatted(pid);
    }
  }

  /** The storage daemons of this bench that live. */
  List<ProcessHandle> storageDaemons() {
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      return all.filter(
              process ->
                  process.info().commandLine().orElse("").contains(run.toString())
                      && process.isAlive())
          .toList();
    }
  }

  @Override
  public void assertNothingLeft() {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(storageDaemons()).isEmpty();
              assertThat(runDirectories()).isEmpty();
              assertThat(durable.list(StrikingStore.STORAGE_DAEMONS)).isEmpty();
            });
  }

  @Override
  public void noticeHypervisor() {
    // The driver watches the processes of storage daemons itself.
  }

  @Override
  public DomainRef domain() {
    return DOMAIN;
  }

  @Override
  public boolean running() {
    return false;
  }

  @Override
  public StrikingMonitor interpose() {
    StrikingMonitor monitor =
        new StrikingMonitor(newestMonitor::get, directory.resolve("striking.sock"));
    interposed = Optional.of(monitor);
    return monitor;
  }

  /** Connects through the monitor that can strike, where there is one, once its socket is there. */
  private QmpConnection connect(
      QmpEventLoop served, Path socket, QemuProcess process, Duration deadline) throws IOException {
    QmpConnection straight =
        QmpConnection.connectWhenListening(served, socket, deadline, process::isAlive);
    if (interposed.isEmpty()) {
      return straight;
    }
    straight.close();
    newestMonitor.set(socket);
    return QmpConnection.connectWhenListening(
        served, directory.resolve("striking.sock"), deadline, process::isAlive);
  }

  /** Directories of storage daemons. */
  List<Path> runDirectories() {
    try (Stream<Path> entries = Files.list(run)) {
      return entries.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public StrikingStore store() {
    return store;
  }

  @Override
  public QemuBlockJobs blockJobs() {
    return block.blockJobs();
  }

  @Override
  public QemuJobs jobs() {
    return block.jobs();
  }

  @Override
  public TestImages images() {
    return images;
  }

  @Override
  public List<Job> jobList() {
    return book.list();
  }

  @Override
  public int journalEntries() {
    return new JobJournal(store).list().size();
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
    return await(jobId, now -> JobTransitions.terminal(now.getState()));
  }

  /** Waits until a job has ended. */
  Job end(Job job) {
    return awaitEnd(job.getId());
  }

  /** A commit of the disk. */
  BlockCommitRequest.Builder commit() {
    return BlockCommitRequest.newBuilder().setDomain(DOMAIN).setDisk("vda");
  }

  /** A pull of the disk. */
  BlockPullRequest.Builder pull() {
    return BlockPullRequest.newBuilder().setDomain(DOMAIN).setDisk("vda");
  }

  /** A copy of the disk. */
  BlockCopyRequest.Builder copy(String name, ImageFormat format) {
    return BlockCopyRequest.newBuilder()
        .setDomain(DOMAIN)
        .setDisk("vda")
        .setDestination(image(name, format));
  }

  private Image image(String name, ImageFormat format) {
    return Image.newBuilder().setPath(images.path(name).toString()).setFormat(format).build();
  }

  /** Defines another domain, which does not run, on an image of the chain. */
  DomainRef defineOther(String image) {
    String uuid = "6a3c1a52-3a44-4f5c-9f0e-0a8a7a5b0004";
    domains.define(
        DomainSpec.newBuilder()
            .setUuid(uuid)
            .setName("other")
            .addDisks(
                Disk.newBuilder()
                    .setTarget("vda")
                    .setSource(image(image, ImageFormat.IMAGE_FORMAT_QCOW2)))
            .build(),
        "");
    return DomainRef.newBuilder().setUuid(uuid).build();
  }

  /** The chain's file names, from the active image down, as a client sees it. */
  List<String> chain() {
    return names(
        block
            .blockJobs()
            .chain(
                call(),
                GetBackingChainRequest.newBuilder().setDomain(DOMAIN).setDisk("vda").build())
            .getImagesList()
            .stream()
            .map(image -> image.getPath()));
  }

  /** The active image as the stored definition names it. */
  Image definedSource() {
    return domains.require(UUID).getSpec().getDisks(0).getSource();
  }

  @Override
  public List<String> definedChain() {
    return names(
        new ChainReader(new ImagePaths(List.of()))
            .read("guest", "vda", definedSource()).images().stream().map(image -> image.getPath()));
  }

  private static List<String> names(Stream<String> paths) {
    return paths.map(path -> String.valueOf(Path.of(path).getFileName())).toList();
  }

  @Override
  public void assertNothingLost() {
    Image source = definedSource();
    images.assertGuestView(source.getPath(), BlockdevOptions.driver(source.getFormat()));
  }

  @Override
  public void close() {
    block.workers().close();
    storage.close();
    interposed.ifPresent(StrikingMonitor::close);
    killHypervisor();
    loop.close();
    blocking.close();
    timers.shutdownNow();
  }
}
