package dev.drover.qemu.block;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.IoPolicy;
import dev.drover.qemu.image.OpenFiles;
import dev.drover.qemu.qmp.EventSignal;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.QmpCommand;
import dev.drover.qemu.qmp.QmpEvent;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Domain;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The process that has a domain's images open and runs its jobs. */
interface BlockHost {

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
  <R> R execute(QmpCommand<R> command);

  /**
   * Subscribes to events from now on.
   *
   * @throws DriverException as {@link #execute}
   */
  EventSubscription subscribe(Predicate<QmpEvent> filter, Consumer<EventSignal> listener);

  /** A disk as it was put together last. */
  DiskGraph disk(String target);

  /** How a disk's images use the host. */
  IoPolicy policy(String target);

  /** A node name that was never used in this process. */
  String newNodeName(String target);

  /**
   * Name of the node that the guest's disk reads, asked of the process. While a job exists it is
   * the name of the job's filter.
   */
  Optional<String> rootNode(String target);

  /** The files that the process has open; empty where that cannot be told. */
  default Optional<OpenFiles> openFiles() {
    return Optional.empty();
  }

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
}
