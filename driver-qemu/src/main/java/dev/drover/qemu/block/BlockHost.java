package dev.drover.qemu.block;

import dev.drover.qemu.domain.GuestFreeze;
import dev.drover.qemu.domain.GuestHold;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.IoPolicy;
import dev.drover.qemu.image.OpenFiles;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.QmpAnswer;
import dev.drover.qemu.qmp.QmpCommand;
import dev.drover.qemu.qmp.QmpEvent;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Domain;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The process that has a domain's images open and runs its jobs: the QEMU of a running domain, or a
 * storage daemon that was started for one job of a shut-off domain.
 */
public interface BlockHost {

  /** True where a guest may read and write the disk while a job runs. */
  boolean hasGuest();

  /** UUID of the domain. */
  String domainUuid();

  /** Name of the domain, for errors. */
  String domainName();

  /**
   * Runs a command within the time the deadline table gives it.
   *
   * @throws QmpException where it did not deliver
   * @throws DriverException DOMAIN_UNRESPONSIVE or HYPERVISOR_CONNECTION_LOST where there is no
   *     monitor to send it to
   */
  default <R> R execute(QmpCommand<R> command) {
    return send(command).await();
  }

  /**
   * Sends a command whose answer is awaited later. What one thread sends is carried out in the
   * order in which it was sent, whatever becomes of the commands before.
   *
   * @return an answer that fails as {@link #execute} does
   * @throws DriverException as {@link #execute}; nothing was sent
   */
  <R> QmpAnswer<R> send(QmpCommand<R> command);

  /**
   * Subscribes to events from now on.
   *
   * @param arrival runs whenever there is a signal to fetch; must be quick and must not wait
   * @throws DriverException as {@link #execute}
   */
  EventSubscription subscribe(Predicate<QmpEvent> filter, Runnable arrival);

  /**
   * Holds the guest's processors until the hold is released, durably recorded before they are
   * stopped; see {@link dev.drover.qemu.domain.GuestProcessors#hold}. A process without a guest has
   * nothing to hold, and says so.
   *
   * @param owner id of the job or group that needs it
   */
  GuestHold holdGuest(String owner);

  /** Takes up a hold that an earlier run of the daemon left; empty where none is on record. */
  Optional<GuestHold> takeUpHold(String owner);

  /**
   * Freezes the guest's file systems until the freeze is closed, durably recorded before; see
   * {@link dev.drover.qemu.domain.GuestFileSystems#freeze}.
   *
   * @param owner id of the group that needs it
   * @param atMost longest wait for the guest's agent
   * @throws DriverException GUEST_AGENT_UNAVAILABLE, also where there is no guest;
   *     GUEST_AGENT_FAILED
   */
  GuestFreeze freezeGuest(String owner, Duration atMost);

  /** A disk as it was put together last. */
  DiskGraph disk(String target);

  /** How a disk's images use the host. */
  IoPolicy policy(String target);

  /** A node name that was never used in this process. */
  String newNodeName(String target);

  /**
   * Name of the node that the disk reads. Where there is a guest, its device is asked; while a job
   * exists that is the name of the job's filter. Where there is none, no process moves the disk,
   * and the journal tells (R2).
   */
  default Optional<String> rootNode(JournalEntry entry) {
    return askRootNode(entry).await();
  }

  /** {@link #rootNode} for awaiting it later, asked in the order of {@link #send}. */
  QmpAnswer<Optional<String>> askRootNode(JournalEntry entry);

  /**
   * Name of the node that the guest's device of a disk reads, asked of the process; empty where
   * there is no guest.
   */
  Optional<String> deviceNode(String target);

  /** Id of the process; empty where there is none. */
  OptionalLong processId();

  /** The files that the process has open; empty where that cannot be told. */
  Optional<OpenFiles> openFiles();

  /** Size of the disk as the guest sees it, in bytes, asked of the process. */
  long sizeBytes(String target);

  /**
   * Changes a domain and its disks' graphs in one transaction (R8).
   *
   * @param domains the register of domains
   * @param changed the graphs that differ
   * @param edit changes of the domain
   * @param journal what is recorded in the same transaction
   */
  void change(
      DomainBook domains,
      List<DiskGraph> changed,
      Consumer<Domain.Builder> edit,
      Consumer<StoreTransaction> journal);

  /**
   * Writes, with the first record of a job, what another daemon needs to find this process. Nothing
   * where it is on record already.
   */
  void recordIntent(StoreTransaction transaction);

  /**
   * Makes sure that the process runs and has the disk's images open.
   *
   * @param left time that the caller has left
   * @throws QmpException where it runs and refuses to open an image
   * @throws DriverException HYPERVISOR_START_FAILED where it cannot be made to run
   */
  void open(Duration left);

  /**
   * Ends a process that only lives for this job, and makes durable what the job wrote. To be called
   * once nothing is to be asked of it any more, before the job ends and before the definition moves
   * on; where a guest runs, nothing happens. May be repeated.
   *
   * @throws DriverException DOMAIN_UNRESPONSIVE where it does not end, or JOB_IO_ERROR
   */
  void retire(JournalEntry entry);

  /** True once {@link #retire} has ended the process: no node and no job of it is left. */
  boolean retired();

  /** Tells once a process that only lives for this job is gone, at once where it is. */
  void whenGone(Consumer<HostEnd> told);
}
