package dev.drover.qemu.snapshot;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.image.BlockdevOptions;
import dev.drover.qemu.image.CheckedFile;
import dev.drover.qemu.image.IoPolicy;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.qmp.BlockCommand;
import dev.drover.qemu.qmp.BlockDeviceInfo;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.qemu.qmp.TransactionAction;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Disk;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The overlays as nodes of a running QEMU. */
final class OverlayNodes {

  private static final Logger logger = LoggerFactory.getLogger(OverlayNodes.class);

  private OverlayNodes() {}

  /**
   * Opens overlays without anything below them, as {@code blockdev-snapshot} wants it.
   *
   * @throws DriverException as {@link OpeningCheck}; the nodes are to be closed then
   */
  static void open(LiveDomain live, DomainSpec spec, CreateIntent intent, OpeningCheck opening) {
    intent.disks().forEach(disk -> open(live, spec, disk, opening));
  }

  private static void open(
      LiveDomain live, DomainSpec spec, MovingDisk disk, OpeningCheck opening) {
    CheckedFile file =
        disk.checked().orElseGet(() -> opening.check(disk.overlay().image().getPath()));
    IoPolicy policy =
        spec.getDisksList().stream()
            .filter(candidate -> candidate.getTarget().equals(disk.before().target()))
            .findFirst()
            .map((Disk found) -> IoPolicy.of(found))
            .orElse(IoPolicy.DEFAULT);
    live.execute(new BlockCommand.BlockdevAdd(BlockdevOptions.file(disk.overlay(), policy)));
    live.execute(
        new BlockCommand.BlockdevAdd(
            BlockdevOptions.format(disk.overlay(), Optional.empty(), false, policy)));
    opening.require(live.name(), live.pid(), List.of(file));
  }

  /** Moves every disk at one moment, or none (G1). */
  static void move(LiveDomain live, CreateIntent intent) {
    live.execute(
        new BlockCommand.Transaction(
            intent.disks().stream()
                .map(
                    disk ->
                        (TransactionAction)
                            new TransactionAction.BlockdevSnapshot(
                                disk.before().active().formatNode(), disk.overlay().formatNode()))
                .toList()));
  }

  /** Closes overlays that no disk uses; those that were never opened are no failure. */
  static void close(LiveDomain live, CreateIntent intent) {
    for (MovingDisk disk : intent.disks()) {
      for (String node : List.of(disk.overlay().formatNode(), disk.overlay().fileNode())) {
        try {
          live.execute(new BlockCommand.BlockdevDel(node));
        } catch (DriverException e) {
          if (e.reason() != ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED) {
            throw e;
          }
          logger.debug("Domain {}: node {} was not open", live.name(), node, e);
        }
      }
    }
  }

  /**
   * Whether QEMU has moved the disks. It has moved all of them or none, so the first one tells.
   *
   * @throws DriverException where it does not answer
   */
  static boolean moved(LiveDomain live, CreateIntent intent) {
    MovingDisk first = intent.disks().getFirst();
    List<BlockDeviceInfo> devices = live.execute(new QueryCommand.QueryBlock());
    return devices.stream()
        .filter(device -> device.qdev().filter(first.before().devicePath()::equals).isPresent())
        .anyMatch(
            device ->
                device.rootNodeName().filter(first.overlay().formatNode()::equals).isPresent());
  }
}
