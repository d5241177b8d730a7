package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.BlockdevOptions;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.ImagePaths;
import dev.drover.qemu.image.ImageTool;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.offline.StorageDaemons;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.DaemonMode;
import dev.drover.spi.DriverContext;
import dev.drover.spi.DriverSettings;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The block side of the driver with one shut-off domain on four images, and real storage daemons.
 * The driver can be closed and opened again on the same store, and storage daemons be killed.
 */
final class OfflineBench implements AutoCloseable {

  static final String UUID = "6a3c1a52-3a44-4f5c-9f0e-0a8a7a5b0003";
  static final DomainRef DOMAIN = DomainRef.newBuilder().setUuid(UUID).build();
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String PROGRAM = "/usr/bin/qemu-storage-daemon";

  private final Path directory;
  private final Path run;
  private final TestImages images;
  private final MemoryStore durable = new MemoryStore();
  private final QmpEventLoop loop = new QmpEventLoop();
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private StrikingStore store = new StrikingStore(durable);
  private DomainBook domains;
  private JobBook book;
  private StorageDaemons storage;
  private QemuBlock block;

  /** Defines the domain on a chain of images of this size. */
  OfflineBench(Path directory, int sizeBytes) {
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

  private void open() {
    domains = new DomainBook(store, InstantSource.system(), _ -> {});
    book = new JobBook(store, InstantSource.system(), _ -> {});
    DriverContext context =
        new DriverContext(
            DaemonMode.SESSION,
            store,
            InstantSource.system(),
            _ -> {},
            blocking,
            timers,
            directory,
            run,
            new DriverSettings(Map.of()));
    storage = new StorageDaemons(context, loop, Path.of(PROGRAM));
    block =
        QemuBlock.of(
            context,
            domains,
            new DomainLanes(InstantSource.system()),
            book,
            new SnapshotBook(store, InstantSource.system(), _ -> {}),
            new LiveDomains(),
            storage,
            new ImagePaths(List.of()),
            new ImageTool(Path.of("/usr/bin/qemu-img")));
    block.workers().recover();
  }

  /** Ends the driver as the daemon does when it stops; storage daemons go on. */
  void closeDriver() {
    block.workers().close();
    storage.close();
  }

  /** Opens a new driver on the same store, as the next daemon does. */
  void openDriver() {
    store = new StrikingStore(durable);
    open();
  }

  /** Kills the daemon, as far as storage daemons and the store can tell. */
  void killDaemon() {
    store.cut();
    storage.close();
  }

  /** Kills every storage daemon of this bench. */
  void killStorage() {
    List<ProcessHandle> found = storageDaemons();
    found.forEach(ProcessHandle::destroyForcibly);
    found.forEach(process -> process.onExit().orTimeout(30, TimeUnit.SECONDS).join());
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

  /** Checks that no process, directory or record is left of a storage daemon. */
  void assertNoStorageDaemonLeft() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(storageDaemons()).isEmpty();
              assertThat(runDirectories()).isEmpty();
              assertThat(durable.list(StrikingStore.STORAGE_DAEMONS)).isEmpty();
            });
  }

  /** Directories of storage daemons. */
  List<Path> runDirectories() {
    try (Stream<Path> entries = Files.list(run)) {
      return entries.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The store, which can strike. */
  StrikingStore store() {
    return store;
  }

  /** The facet for block jobs. */
  QemuBlockJobs blockJobs() {
    return block.blockJobs();
  }

  /** The facet for jobs. */
  QemuJobs jobs() {
    return block.jobs();
  }

  /** The images. */
  TestImages images() {
    return images;
  }

  /** Every job on record. */
  List<Job> jobList() {
    return book.list();
  }

  /** Journal entries that are left. */
  int journalEntries() {
    return new JobJournal(store).list().size();
  }

  /** A call that waits for as long as a test may take. */
  CallContext call() {
    return new CallContext(
        new Caller("uid:1000", "test"), "call", Instant.now().plus(PATIENCE), () -> false);
  }

  /** Waits until a job is as wanted. */
  Job until(String jobId, Predicate<Job> wanted) {
    return book.await(call(), jobId, wanted);
  }

  /** Waits until a job has ended. */
  Job end(Job job) {
    return until(job.getId(), now -> JobTransitions.terminal(now.getState()));
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

  /** Chain of the definition as its headers say, by file names. */
  List<String> definedChain() {
    return names(
        new ChainReader(new ImagePaths(List.of()))
            .read("guest", "vda", definedSource()).images().stream().map(image -> image.getPath()));
  }

  private static List<String> names(Stream<String> paths) {
    return paths.map(path -> String.valueOf(Path.of(path).getFileName())).toList();
  }

  /** Checks that the definition holds all data, in images that nobody has open. */
  void assertNothingLost() {
    Image source = definedSource();
    images.assertGuestView(source.getPath(), BlockdevOptions.driver(source.getFormat()));
  }

  @Override
  public void close() {
    block.workers().close();
    storage.close();
    killStorage();
    loop.close();
    blocking.close();
    timers.shutdownNow();
  }
}
