package dev.drover.qemu.offline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.qemu.block.BlockHost;
import dev.drover.qemu.block.HostEnd;
import dev.drover.qemu.config.RunFiles;
import dev.drover.qemu.domain.GuestFreeze;
import dev.drover.qemu.domain.GuestHold;
import dev.drover.qemu.domain.MonitorConnector;
import dev.drover.qemu.domain.NothingHeld;
import dev.drover.qemu.image.BlockdevOptions;
import dev.drover.qemu.image.CheckedFile;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.IoPolicy;
import dev.drover.qemu.image.OpenFiles;
import dev.drover.qemu.journal.JobWork;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.process.ProcessExit;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.qemu.qmp.BlockCommand;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.QmpAnswer;
import dev.drover.qemu.qmp.QmpCommand;
import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpConnectionLostException;
import dev.drover.qemu.qmp.QmpEvent;
import dev.drover.qemu.qmp.QmpTimeoutException;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The storage daemon of one job of a shut-off domain, from before its start to after its end. Its
 * record is written before the process is made and removed after it is gone, so that a daemon that
 * dies at any moment leaves either nothing or a process that the next one finds.
 */
final class OfflineHost implements BlockHost {

  private static final Logger logger = LoggerFactory.getLogger(OfflineHost.class);

  /** More than one job ever sends while its worker does one step. */
  private static final int EVENT_CAPACITY = 1024;

  private static final Duration START_DEADLINE = Duration.ofSeconds(30);
  private static final Duration CONNECT_DEADLINE = Duration.ofSeconds(10);

  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  /** Time to close images, whose data was flushed before; then the process is killed. */
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(30);

  private final StorageDaemons daemons;
  private final List<CheckedFile> checked;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicReference<Optional<QemuProcess>> process =
      new AtomicReference<>(Optional.empty());
  private final AtomicReference<Optional<QmpConnection>> connection =
      new AtomicReference<>(Optional.empty());
  private final CompletableFuture<HostEnd> gone = new CompletableFuture<>();
  private volatile StorageRecord record;
  private volatile boolean retired;
  private volatile long lastAnswer = System.nanoTime();

  /**
   * A host whose process is not there yet.
   *
   * @param checked files of its images that were checked; others are when they are opened
   */
  OfflineHost(StorageDaemons daemons, StorageRecord record, List<CheckedFile> checked) {
    this.daemons = daemons;
    this.record = record;
    this.checked = List.copyOf(checked);
  }

  /** What the store knows, or is going to know, about it. */
  StorageRecord record() {
    return record;
  }

  /** Takes over a process that an earlier daemon has started. */
  void adopt(QemuProcess found) {
    lastAnswer = System.nanoTime();
    process.set(Optional.of(found));
    watch(found);
  }

  /** Lets the process go on without this daemon. */
  void leave() {
    disconnect();
  }

  @Override
  public boolean hasGuest() {
    return false;
  }

  @Override
  public GuestHold holdGuest(String owner) {
    return new NothingHeld();
  }

  @Override
  public Optional<GuestHold> takeUpHold(String owner) {
    return Optional.empty();
  }

  @Override
  public GuestFreeze freezeGuest(String owner, Duration atMost) {
    throw DriverException.of(
        ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE,
        "domain '%s' is shut off, so that there is nothing to freeze; go on without quiesce"
            .formatted(domainName()),
        "domain",
        domainName());
  }

  @Override
  public String domainUuid() {
    return record.domainUuid();
  }

  @Override
  public String domainName() {
    return record.domainName();
  }

  @Override
  public void recordIntent(StoreTransaction transaction) {
    daemons.records().put(transaction, record);
  }

  @Override
  public void open(Duration remaining) {
    daemons.add(this);
    if (daemons.closed()) {
      throw notConnected();
    }
    try {
      QemuProcess spawned = StorageProcess.spawn(daemons.program(), files());
      adopt(spawned);
      update(record.running(spawned.identity()));
      MonitorConnector.awaitStart(spawned, files().pidFile(), remaining);
      connect(spawned, remaining.compareTo(START_DEADLINE) < 0 ? remaining : START_DEADLINE);
    } catch (IOException | QmpConnectionLostException e) {
      throw startFailed(e);
    }
    List<CheckedFile> images =
        record.graph().images().stream().map(image -> checked(image.image().getPath())).toList();
    for (ObjectNode node : BlockdevOptions.chain(record.graph(), record.policy(), false)) {
      execute(new BlockCommand.BlockdevAdd(node));
    }
    daemons.opening().require(domainName(), process.get().orElseThrow().pid(), images);
  }

  private CheckedFile checked(String path) {
    return checked.stream()
        .filter(file -> file.path().equals(path))
        .findFirst()
        .orElseGet(() -> daemons.opening().check(path));
  }

  private DriverException startFailed(Exception cause) {
    String output = lastWords().strip();
    return DriverException.causedBy(
        cause,
        ErrorReason.ERROR_REASON_HYPERVISOR_START_FAILED,
        "'%s', which works on images of shut-off domains, could not be started for domain '%s': %s"
            .formatted(
                daemons.program(), domainName(), output.isEmpty() ? cause.getMessage() : output),
        "domain",
        domainName(),
        "path",
        daemons.program().toString());
  }

  /** What a process printed that ended while it started. */
  private String lastWords() {
    try {
      Optional<QemuProcess> spawned = process.get().filter(found -> !found.isAlive());
      Optional<ProcessExit> exit =
          spawned.isPresent() ? spawned.get().awaitExit(LAST_WORDS) : Optional.empty();
      return exit.map(ProcessExit::outputTail).orElse("");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  @Override
  public <R> QmpAnswer<R> send(QmpCommand<R> command) {
    QmpAnswer<R> sent =
        connection
            .get()
            .filter(open -> open.state() == QmpConnection.State.RUNNING)
            .orElseThrow(this::notConnected)
            .send(command, command.deadline().duration());
    return () -> answer(command.name(), sent);
  }

  private <R> R answer(String command, QmpAnswer<R> sent) {
    try {
      R answer = sent.await();
      lastAnswer = System.nanoTime();
      return answer;
    } catch (QmpCommandException e) {
      lastAnswer = System.nanoTime();
      throw e;
    } catch (QmpTimeoutException e) {
      endIfSilent(command);
      throw e;
    }
  }

  /**
   * Ends a process that hangs, since nobody else can: it belongs to the job alone, and what it has
   * done is settled by the journal as after any crash of it.
   */
  private void endIfSilent(String command) {
    long silentFor = System.nanoTime() - lastAnswer;
    Optional<QemuProcess> hung = process.get().filter(QemuProcess::isAlive);
    if (silentFor < daemons.longestSilence().toNanos() || hung.isEmpty() || daemons.closed()) {
      return;
    }
    logger.error(
        "Storage daemon {} of job {} of domain {} has not answered for {} s, last not {}; it is"
            + " killed, and the job settled without it",
        hung.get().pid(),
        record.jobId(),
        domainName(),
        TimeUnit.NANOSECONDS.toSeconds(silentFor),
        command);
    hung.get().requestKill();
  }

  /** The only one that connects again: the job's worker comes here first, after every trouble. */
  @Override
  public EventSubscription subscribe(Predicate<QmpEvent> filter, Runnable arrival) {
    Optional<QmpConnection> open =
        connection.get().filter(known -> known.state() == QmpConnection.State.RUNNING);
    try {
      QmpConnection monitor = open.isPresent() ? open.get() : connectAgain();
      return monitor.subscribe(filter, EVENT_CAPACITY, arrival);
    } catch (IOException e) {
      DriverException failure = notConnected();
      failure.initCause(e);
      throw failure;
    }
  }

  private QmpConnection connectAgain() throws IOException {
    return connect(
        process
            .get()
            .filter(found -> !daemons.closed() && found.isAlive())
            .orElseThrow(this::notConnected),
        CONNECT_DEADLINE);
  }

  private QmpConnection connect(QemuProcess running, Duration deadline) throws IOException {
    QmpConnection fresh;
    try {
      fresh = daemons.monitors().connect(daemons.loop(), files().monitor(), running, deadline);
    } catch (QmpTimeoutException e) {
      endIfSilent(e.command());
      throw e;
    }
    lastAnswer = System.nanoTime();
    fresh.serves(record.domainUuid(), record.domainName());
    connection.set(Optional.of(fresh));
    if (daemons.closed()) {
      disconnect();
    }
    return fresh;
  }

  private DriverException notConnected() {
    return DriverException.of(
        ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST,
        "the storage daemon of job %s of domain '%s' cannot be talked to; look again in a moment"
            .formatted(record.jobId(), domainName()),
        "domain",
        domainName(),
        "job",
        record.jobId());
  }

  @Override
  public DiskGraph disk(String target) {
    return record.graph();
  }

  @Override
  public IoPolicy policy(String target) {
    return record.policy();
  }

  /** Names are given out before the record is written first, or with it written again. */
  @Override
  public String newNodeName(String target) {
    lock.lock();
    try {
      StorageRecord next = record.withLastNode(record.lastNode() + 1);
      if (process.get().isPresent()) {
        daemons.records().put(next);
      }
      record = next;
      return ImageNode.nodeName(target, next.lastNode());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public QmpAnswer<Optional<String>> askRootNode(JournalEntry entry) {
    String root =
        switch (entry.work()) {
          case JobWork.OnePhase _ -> entry.before().getFirst().node();
          case JobWork.TwoPhase work ->
              entry.step().decidesForNewRoot() ? work.newRoot() : work.oldRoot();
        };
    return () -> Optional.of(root);
  }

  /** A storage daemon has no devices. */
  @Override
  public Optional<String> deviceNode(String target) {
    return Optional.empty();
  }

  @Override
  public OptionalLong processId() {
    return process.get().stream().mapToLong(QemuProcess::pid).findFirst();
  }

  @Override
  public Optional<OpenFiles> openFiles() {
    return process.get().flatMap(running -> OpenFiles.of(running.pid()));
  }

  @Override
  public long sizeBytes(String target) {
    return record.graph().active().image().getVirtualSizeBytes();
  }

  /** The graph stays as it is: the process is gone by now, and its record with it. */
  @Override
  public void change(
      DomainBook domains,
      List<DiskGraph> changed,
      Consumer<Domain.Builder> edit,
      Consumer<StoreTransaction> journal) {
    domains.change(domainUuid(), edit, journal);
  }

  @Override
  public void retire(JournalEntry entry) {
    if (retired) {
      return;
    }
    if (daemons.closed()) {
      throw notConnected();
    }
    process.get().ifPresent(this::end);
    entry.written().stream().filter(path -> Files.exists(Path.of(path))).forEach(ImageFiles::sync);
    daemons.forget(this);
    retired = true;
  }

  private void end(QemuProcess running) {
    disconnect();
    Optional<ProcessExit> exit;
    try {
      exit = running.terminate(CLOSE_GRACE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DriverException.causedBy(
          e, ErrorReason.ERROR_REASON_CALL_CANCELLED, "the work was given up");
    }
    if (exit.isEmpty()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_UNRESPONSIVE,
          "the storage daemon of domain '%s', process %d, cannot be ended; the host's storage hangs"
              .formatted(domainName(), running.pid()),
          "domain",
          domainName());
    }
  }

  @Override
  public boolean retired() {
    return retired;
  }

  @Override
  public void whenGone(Consumer<HostEnd> told) {
    var _ = gone.thenAccept(told);
  }

  private void watch(QemuProcess running) {
    var _ = running.exit().thenAcceptAsync(this::ended, daemons.blocking());
  }

  private void ended(ProcessExit exit) {
    disconnect();
    if (daemons.closed()) {
      return;
    }
    try {
      if (!retired) {
        daemons.forget(this);
      }
    } catch (DriverException e) {
      logger.error(
          "The record of the storage daemon of job {} stays until the next start",
          record.jobId(),
          e);
    }
    String output = exit.outputTail().strip();
    gone.complete(
        new HostEnd(
            false,
            "its storage daemon ended unexpectedly, %s%s"
                .formatted(exit.describe(), output.isEmpty() ? "" : ": " + output)));
  }

  private void disconnect() {
    connection.getAndSet(Optional.empty()).ifPresent(QmpConnection::close);
  }

  private void update(StorageRecord next) {
    lock.lock();
    try {
      daemons.records().put(next);
      record = next;
    } finally {
      lock.unlock();
    }
  }

  private RunFiles files() {
    return new RunFiles(record.runDirectory());
  }
}
