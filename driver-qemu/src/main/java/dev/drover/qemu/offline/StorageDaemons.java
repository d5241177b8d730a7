package dev.drover.qemu.offline;

import dev.drover.qemu.block.BlockHost;
import dev.drover.qemu.block.OfflineHosts;
import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.domain.MonitorConnector;
import dev.drover.qemu.domain.RunDirectories;
import dev.drover.qemu.image.CheckedChain;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.IoPolicy;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.process.ProcessIdentity;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.qmp.CommandDeadline;
import dev.drover.qemu.qmp.QmpEventLoop;
import dev.drover.spi.DriverContext;
import dev.drover.spi.block.Chain;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The register of storage daemons, by the jobs they run. Safe for any threads. */
public final class StorageDaemons implements OfflineHosts, AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(StorageDaemons.class);
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);
  private static final Duration END_GRACE = Duration.ofSeconds(5);
  private static final int DIRECTORY_DIGITS = 13;

  /** As long as the slowest command may take: one that flushes an image to a slow disk. */
  private static final Duration LONGEST_SILENCE = CommandDeadline.DRAIN.duration();

  private final DriverContext context;
  private final QmpEventLoop loop;
  private final Path program;
  private final OpeningCheck opening;
  private final StorageMonitors monitors;
  private final Duration longestSilence;
  private final StorageRecords records;
  private final Map<String, OfflineHost> hosts = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * A register without processes.
   *
   * @param loop thread that serves the monitors
   * @param program the {@code qemu-storage-daemon}, which need not be there
   * @param opening what proves that they have opened the images that were checked
   */
  public StorageDaemons(
      DriverContext context, QmpEventLoop loop, Path program, OpeningCheck opening) {
    this(context, loop, program, opening, MonitorConnector::connect, LONGEST_SILENCE);
  }

  /**
   * The same, with monitors that are reached in another way.
   *
   * @param longestSilence time without an answer after which a process is ended
   */
  public StorageDaemons(
      DriverContext context,
      QmpEventLoop loop,
      Path program,
      OpeningCheck opening,
      StorageMonitors monitors,
      Duration longestSilence) {
    this.longestSilence = longestSilence;
    this.context = context;
    this.loop = loop;
    this.program = program;
    this.opening = opening;
    this.monitors = monitors;
    this.records = new StorageRecords(context.store());
  }

  @Override
  public boolean available() {
    return Files.isExecutable(program);
  }

  @Override
  public BlockHost prepare(Domain domain, Disk disk, CheckedChain checked, String jobId) {
    Chain chain = checked.chain();
    String name = "job-" + UUID.randomUUID().toString().substring(0, DIRECTORY_DIGITS);
    RunFiles files = new RunFiles(context.runtimeDirectory().resolve(name));
    files.requireShort();
    return new OfflineHost(
        this,
        new StorageRecord(
            jobId,
            domain.getSpec().getUuid(),
            domain.getSpec().getName(),
            files.directory(),
            Optional.empty(),
            chain.images().size(),
            DiskGraph.opened(disk.getTarget(), "", chain, 0),
            IoPolicy.of(disk)),
        checked.files());
  }

  @Override
  public void adopt(Set<String> jobIds) {
    for (StorageRecord record : records.list()) {
      try {
        adopt(record, jobIds.contains(record.jobId()));
      } catch (IOException e) {
        logger.error(
            "Whether the storage daemon of job {} lives cannot be told, or it cannot be ended",
            record.jobId(),
            e);
      }
    }
  }

  private void adopt(StorageRecord record, boolean wanted) throws IOException {
    Optional<ProcessIdentity> identity = StorageProcess.find(record);
    Optional<QemuProcess> process =
        identity.isPresent()
            ? QemuProcess.adopt(
                identity.get(),
                new RunFiles(record.runDirectory()).output(),
                context.timers(),
                LOOK_INTERVAL)
            : Optional.empty();
    if (process.isPresent() && wanted && record.process().isPresent()) {
      OfflineHost host = new OfflineHost(this, record, List.of());
      hosts.put(record.jobId(), host);
      host.adopt(process.get());
      return;
    }
    if (process.isPresent()) {
      logger.warn(
          "Ending process {}, a storage daemon of job {} whose start was not finished",
          process.get().pid(),
          record.jobId());
      end(process.get());
    }
    remove(record);
  }

  private static void end(QemuProcess process) throws IOException {
    try {
      if (process.terminate(END_GRACE).isEmpty()) {
        throw new IOException("process " + process.pid() + " cannot be killed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while ending process " + process.pid(), e);
    }
  }

  @Override
  public Optional<BlockHost> find(String jobId) {
    return Optional.ofNullable(hosts.get(jobId));
  }

  @Override
  public List<OpenDisk> open() {
    return hosts.values().stream()
        .map(OfflineHost::record)
        .map(
            record ->
                new OpenDisk(
                    record.jobId(), record.domainUuid(), record.domainName(), record.graph()))
        .toList();
  }

  /** Enters a host whose process is going to be made. */
  void add(OfflineHost host) {
    hosts.put(host.record().jobId(), host);
  }

  /** Removes a host whose process is gone, with all that it has left. May be repeated. */
  void forget(OfflineHost host) {
    hosts.remove(host.record().jobId(), host);
    remove(host.record());
  }

  private void remove(StorageRecord record) {
    RunDirectories.remove(new RunFiles(record.runDirectory()));
    records.delete(record.jobId());
  }

  StorageRecords records() {
    return records;
  }

  Path program() {
    return program;
  }

  OpeningCheck opening() {
    return opening;
  }

  StorageMonitors monitors() {
    return monitors;
  }

  QmpEventLoop loop() {
    return loop;
  }

  Duration longestSilence() {
    return longestSilence;
  }

  ExecutorService blocking() {
    return context.blocking();
  }

  /** True once the processes belong to the next daemon: nothing is started or ended any more. */
  boolean closed() {
    return closed;
  }

  /** Lets every process go on without this daemon. */
  @Override
  public void close() {
    closed = true;
    hosts.values().forEach(OfflineHost::leave);
  }
}
