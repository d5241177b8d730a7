package dev.drover.qemu.domain;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.QmpAnswer;
import dev.drover.qemu.qmp.QmpCommand;
import dev.drover.qemu.qmp.QmpConnection;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.qemu.qmp.QmpTimeoutException;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * One QEMU process that runs a domain, from its start or adoption to its end. Its runtime record is
 * written to the store at every change, under a lock that is held across that write and nothing
 * else; so the names and graphs given here are those another run of the daemon finds. Safe for any
 * threads.
 */
public final class LiveDomain {

  private final RuntimeRecords records;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicReference<Optional<QmpConnection>> connection =
      new AtomicReference<>(Optional.empty());
  private final AtomicReference<Optional<Silence>> silence =
      new AtomicReference<>(Optional.empty());
  private volatile Consumer<String> silenceObserver = _ -> {};
  private volatile Optional<EventSubscription> followed = Optional.empty();
  private final GuestProcessors processors = new GuestProcessors(this);
  private final GuestFileSystems fileSystems;
  private volatile RuntimeRecord record;

  /**
   * That a QEMU does not answer.
   *
   * @param command the command it did not answer
   * @param since when that was found
   */
  public record Silence(String command, Instant since) {}

  /**
   * A process that is known by its record.
   *
   * @param record the record as it is in the store, or is going to be put there by {@link #update}
   * @param timers ends waits for the guest's agent, and tries again what it did not do
   */
  public LiveDomain(RuntimeRecord record, RuntimeRecords records, ScheduledExecutorService timers) {
    this.record = record;
    this.records = records;
    this.fileSystems = new GuestFileSystems(this, timers);
  }

  /** The uuid of the domain. */
  public String uuid() {
    return record.uuid();
  }

  /** The name of the domain. */
  public String name() {
    return record.domain().getSpec().getName();
  }

  /** The domain's number while it runs. */
  public int id() {
    return record.domain().getStatus().getId();
  }

  /** Process id of QEMU. */
  public long pid() {
    return record.pid();
  }

  /** Start of the process in clock ticks after the host's boot; with the pid it names QEMU. */
  public long startTicks() {
    return record.startTicks();
  }

  /** Directory with the sockets and the output of this QEMU. */
  public Path runDirectory() {
    return record.runDirectory();
  }

  /** What the store knows about it. */
  public RuntimeRecord record() {
    return record;
  }

  /** The guest's processors, to be held, stopped and continued. */
  public GuestProcessors processors() {
    return processors;
  }

  /** The guest's file systems, to be frozen for a moment. */
  public GuestFileSystems fileSystems() {
    return fileSystems;
  }

  /**
   * The monitor, for commands and events.
   *
   * @throws DriverException DOMAIN_UNRESPONSIVE or HYPERVISOR_CONNECTION_LOST
   */
  public QmpConnection monitor() {
    silence
        .get()
        .ifPresent(
            silent -> {
              throw DriverException.of(
                  ErrorReason.ERROR_REASON_DOMAIN_UNRESPONSIVE,
                  ("the hypervisor of domain '%s' has not answered %s since %s; wait for it, or"
                          + " destroy the domain")
                      .formatted(name(), silent.command(), silent.since()),
                  "domain",
                  name(),
                  "since",
                  silent.since().toString());
            });
    return connection().orElseThrow(() -> MonitorErrors.notConnected(name()));
  }

  /** The monitor where it is connected, also while QEMU does not answer. */
  public Optional<QmpConnection> connection() {
    return connection.get().filter(current -> current.state() == QmpConnection.State.RUNNING);
  }

  /** Takes a connection into use, closing one that was used before. */
  public void connect(QmpConnection fresh) {
    fresh.serves(uuid(), name());
    connection.getAndSet(Optional.of(fresh)).ifPresent(QmpConnection::close);
  }

  /** Chooses the events that move the model. */
  void follow(EventSubscription events) {
    followed = Optional.of(events);
  }

  /**
   * Completes when the model has been moved by every event that has come by now; at once where
   * nobody follows them.
   */
  CompletableFuture<Boolean> eventsDealtWith() {
    return followed
        .map(EventSubscription::dealtWith)
        .orElseGet(() -> CompletableFuture.completedFuture(true));
  }

  /** Lets go of the monitor; QEMU goes on. */
  public void disconnect() {
    connection.getAndSet(Optional.empty()).ifPresent(QmpConnection::close);
  }

  /**
   * Runs a monitor command within the time the deadline table gives it.
   *
   * @throws DriverException DOMAIN_UNRESPONSIVE, HYPERVISOR_CONNECTION_LOST, HYPERVISOR_REFUSED or
   *     CALL_CANCELLED; the {@link QmpException} behind it is its cause
   */
  public <R> R execute(QmpCommand<R> command) {
    return execute(command, command.deadline().duration());
  }

  /**
   * Runs a monitor command for a caller that waits no longer than this.
   *
   * @throws DriverException as {@link #execute(QmpCommand)}; DEADLINE_EXCEEDED where the caller's
   *     time was shorter than the table's and has passed
   */
  public <R> R execute(QmpCommand<R> command, Duration atMost) {
    Duration table = command.deadline().duration();
    Duration limit = atMost.compareTo(table) < 0 ? atMost : table;
    return await(command, limit, monitor().send(command, limit));
  }

  /**
   * Sends a monitor command whose answer is awaited later; see {@link QmpConnection#send}.
   *
   * @return an answer that fails as {@link #execute(QmpCommand)} does
   * @throws DriverException DOMAIN_UNRESPONSIVE or HYPERVISOR_CONNECTION_LOST; nothing was sent
   */
  public <R> QmpAnswer<R> send(QmpCommand<R> command) {
    Duration limit = command.deadline().duration();
    QmpAnswer<R> sent = monitor().send(command, limit);
    return () -> await(command, limit, sent);
  }

  private <R> R await(QmpCommand<R> command, Duration limit, QmpAnswer<R> sent) {
    try {
      return sent.await();
    } catch (QmpTimeoutException e) {
      if (limit.compareTo(command.deadline().duration()) < 0) {
        throw DriverException.causedBy(
            e,
            ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
            "the deadline passed while the hypervisor of domain '%s' had %s to answer"
                .formatted(name(), command.name()),
            "domain",
            name(),
            "command",
            command.name());
      }
      silenceObserver.accept(command.name());
      throw MonitorErrors.of(name(), e);
    } catch (QmpException e) {
      throw MonitorErrors.of(name(), e);
    }
  }

  /** Chooses who hears that a command passed its deadline, by the command's name. */
  public void observeSilence(Consumer<String> observer) {
    silenceObserver = observer;
  }

  /** That QEMU does not answer, where it does not. */
  public Optional<Silence> silence() {
    return silence.get();
  }

  /**
   * Notes that QEMU does not answer.
   *
   * @return false where that was known
   */
  public boolean markSilent(Silence found) {
    return silence.compareAndSet(Optional.empty(), Optional.of(found));
  }

  /**
   * Notes that QEMU answers.
   *
   * @return false where that was known
   */
  public boolean markAnswering() {
    return silence.getAndSet(Optional.empty()).isPresent();
  }

  /**
   * A disk as it was put together last.
   *
   * @throws DriverException DISK_NOT_FOUND where this QEMU was started without it
   */
  public DiskGraph disk(String target) {
    return record
        .disk(target)
        .orElseThrow(
            () ->
                DriverException.of(
                    ErrorReason.ERROR_REASON_DISK_NOT_FOUND,
                    ("domain '%s' was started without disk '%s'; it has the disk at its next"
                            + " start")
                        .formatted(name(), target),
                    "domain",
                    name(),
                    "disk",
                    target));
  }

  /** Every disk, in the order of the spec. */
  public List<DiskGraph> disks() {
    return record.disks();
  }

  /** Replaces a disk's graph, durably. */
  public void updateDisk(DiskGraph changed) {
    update(current -> current.withDisk(changed));
  }

  /**
   * Moves graphs, stored spec, live spec and a journal in one durable step (R8). No other change of
   * this record may be made inside it.
   *
   * @param book register of the domain
   * @param changed the graphs that differ
   * @param edit changes of the domain, as {@link DomainBook#change} takes them
   * @param journal what else is written in the same transaction
   * @return the domain afterwards
   */
  public Domain change(
      DomainBook book,
      List<DiskGraph> changed,
      Consumer<Domain.Builder> edit,
      Consumer<StoreTransaction> journal) {
    lock.lock();
    try {
      AtomicReference<RuntimeRecord> next = new AtomicReference<>(record);
      Domain domain =
          book.change(
              uuid(),
              builder -> {
                edit.accept(builder);
                RuntimeRecord moved = record.withDomain(builder.build());
                for (DiskGraph disk : changed) {
                  moved = moved.withDisk(disk);
                }
                next.set(moved);
              },
              transaction -> {
                records.put(transaction, next.get());
                journal.accept(transaction);
              });
      record = next.get();
      return domain;
    } finally {
      lock.unlock();
    }
  }

  /** Changes the record, durably. */
  public void update(UnaryOperator<RuntimeRecord> change) {
    lock.lock();
    try {
      RuntimeRecord next = change.apply(record);
      records.put(next);
      record = next;
    } finally {
      lock.unlock();
    }
  }

  /**
   * A name for a new node of a disk, at most 31 characters even with what {@link
   * dev.drover.qemu.image.ImageNode#named} adds. No name is given twice while this QEMU lives.
   */
  public String newNodeName(String target) {
    lock.lock();
    try {
      RuntimeRecord next = record.withLastNode(record.lastNode() + 1);
      records.put(next);
      record = next;
      return ImageNode.nodeName(target, next.lastNode());
    } finally {
      lock.unlock();
    }
  }
}
