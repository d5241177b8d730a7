package dev.drover.qemu.block;

import dev.drover.qemu.domain.GuestFreeze;
import dev.drover.qemu.domain.GuestHold;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.IoPolicy;
import dev.drover.qemu.image.OpenFiles;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.qmp.BlockDeviceInfo;
import dev.drover.qemu.qmp.EventSubscription;
import dev.drover.qemu.qmp.QmpAnswer;
import dev.drover.qemu.qmp.QmpCommand;
import dev.drover.qemu.qmp.QmpEvent;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The QEMU of a running domain. */
final class LiveHost implements BlockHost {

  /** More than one job ever sends while its worker does one step. */
  private static final int EVENT_CAPACITY = 1024;

  private final LiveDomain live;

  LiveHost(LiveDomain live) {
    this.live = live;
  }

  @Override
  public boolean hasGuest() {
    return true;
  }

  @Override
  public String domainUuid() {
    return live.uuid();
  }

  @Override
  public String domainName() {
    return live.name();
  }

  @Override
  public <R> QmpAnswer<R> send(QmpCommand<R> command) {
    QmpAnswer<R> sent = live.send(command);
    return () -> await(sent);
  }

  private static <R> R await(QmpAnswer<R> sent) {
    try {
      return sent.await();
    } catch (DriverException e) {
      if (e.getCause() instanceof QmpException failure) {
        throw failure;
      }
      throw e;
    }
  }

  @Override
  public EventSubscription subscribe(Predicate<QmpEvent> filter, Runnable arrival) {
    return live.monitor().subscribe(filter, EVENT_CAPACITY, arrival);
  }

  @Override
  public GuestHold holdGuest(String owner) {
    return live.processors().hold(owner);
  }

  @Override
  public Optional<GuestHold> takeUpHold(String owner) {
    return live.processors().heldFor(owner) ? Optional.of(holdGuest(owner)) : Optional.empty();
  }

  @Override
  public GuestFreeze freezeGuest(String owner, Duration atMost) {
    return live.fileSystems().freeze(owner, atMost);
  }

  @Override
  public DiskGraph disk(String target) {
    return live.disk(target);
  }

  @Override
  public IoPolicy policy(String target) {
    return live.record().domain().getStatus().getLiveSpec().getDisksList().stream()
        .filter(disk -> disk.getTarget().equals(target))
        .findFirst()
        .map(IoPolicy::of)
        .orElse(IoPolicy.DEFAULT);
  }

  @Override
  public String newNodeName(String target) {
    return live.newNodeName(target);
  }

  @Override
  public QmpAnswer<Optional<String>> askRootNode(JournalEntry entry) {
    QmpAnswer<Optional<BlockDeviceInfo>> device = askDevice(entry.disk());
    return () -> device.await().flatMap(BlockDeviceInfo::rootNodeName);
  }

  @Override
  public Optional<String> deviceNode(String target) {
    return askDevice(target).await().flatMap(BlockDeviceInfo::rootNodeName);
  }

  @Override
  public OptionalLong processId() {
    return OptionalLong.of(live.pid());
  }

  @Override
  public Optional<OpenFiles> openFiles() {
    return OpenFiles.of(live.pid());
  }

  @Override
  public long sizeBytes(String target) {
    return askDevice(target)
        .await()
        .flatMap(BlockDeviceInfo::inserted)
        .map(node -> node.image().virtualSizeBytes())
        .orElseThrow(
            () ->
                DriverException.of(
                    ErrorReason.ERROR_REASON_CHAIN_DIVERGED,
                    ("disk '%s' of domain '%s' has no medium in the hypervisor; 'drover domain"
                            + " chain %s %s --verify' tells what differs and what can be done about"
                            + " it")
                        .formatted(target, live.name(), live.name(), target),
                    "disk",
                    target));
  }

  private QmpAnswer<Optional<BlockDeviceInfo>> askDevice(String target) {
    String path = live.disk(target).devicePath();
    QmpAnswer<List<BlockDeviceInfo>> devices = send(new QueryCommand.QueryBlock());
    return () ->
        devices.await().stream()
            .filter(device -> device.qdev().filter(path::equals).isPresent())
            .findFirst();
  }

  @Override
  public void change(
      DomainBook domains,
      List<DiskGraph> changed,
      Consumer<Domain.Builder> edit,
      Consumer<StoreTransaction> journal) {
    live.change(domains, changed, edit, journal);
  }

  @Override
  public void recordIntent(StoreTransaction transaction) {}

  @Override
  public void open(Duration left) {}

  @Override
  public void retire(JournalEntry entry) {}

  @Override
  public boolean retired() {
    return false;
  }

  /** The register of live domains tells of the end of a QEMU. */
  @Override
  public void whenGone(Consumer<HostEnd> told) {}
}
