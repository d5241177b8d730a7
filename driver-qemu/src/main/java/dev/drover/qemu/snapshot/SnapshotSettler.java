package dev.drover.qemu.snapshot;

import dev.drover.qemu.block.MomentCopies;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.DiskSources;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.snapshot.OwnedImage;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a snapshot to its end, forward or back, from its intent. */
final class SnapshotSettler {

  private static final Logger logger = LoggerFactory.getLogger(SnapshotSettler.class);

  private final DomainBook domains;
  private final SnapshotBook snapshots;
  private final LiveDomains lives;
  private final SnapshotIntents intents;
  private final OverlayFiles files;
  private final SnapshotMemories memories;
  private final MomentCopies copies;

  SnapshotSettler(
      DomainBook domains,
      SnapshotBook snapshots,
      LiveDomains lives,
      SnapshotIntents intents,
      OverlayFiles files,
      SnapshotMemories memories,
      MomentCopies copies) {
    this.domains = domains;
    this.snapshots = snapshots;
    this.lives = lives;
    this.intents = intents;
    this.files = files;
    this.memories = memories;
    this.copies = copies;
  }

  /**
   * Moves graph, definitions, record and the jobs of copies in one durable step, and tells them
   * (R8, G10, G12).
   *
   * @param also what else is written in that step
   */
  Snapshot forward(
      CreateIntent intent, Optional<LiveDomain> live, Consumer<StoreTransaction> also) {
    List<SnapshotBook.Change> changes = new ArrayList<>();
    Consumer<Domain.Builder> edit = domain -> edit(domain, intent);
    Consumer<StoreTransaction> journal =
        transaction -> {
          changes.clear();
          if (intent.keepRecord()) {
            changes.add(snapshots.add(transaction, intent.snapshot()));
            owned(intent).forEach(image -> snapshots.owned().add(transaction, image));
            SnapshotMemories.owned(intent)
                .ifPresent(file -> snapshots.owned().add(transaction, file));
          }
          snapshots.owned().leave(transaction, intent.domainUuid(), intent.frozen());
          snapshots.owned().take(transaction, intent.domainUuid(), intent.given());
          intents.delete(transaction, intent.domainUuid());
          also.accept(transaction);
        };
    copies.record(intent.copies(), jobs -> change(intent, live, edit, journal.andThen(jobs)));
    changes.forEach(snapshots::settle);
    live.ifPresent(running -> memories.letGo(intent, running));
    return changes.stream()
        .flatMap(change -> change.created().stream())
        .findFirst()
        .orElse(intent.snapshot());
  }

  private void change(
      CreateIntent intent,
      Optional<LiveDomain> live,
      Consumer<Domain.Builder> edit,
      Consumer<StoreTransaction> journal) {
    if (live.isPresent()) {
      List<DiskGraph> moved = intent.disks().stream().map(MovingDisk::after).toList();
      var _ = live.get().change(domains, moved, edit, journal);
    } else {
      var _ = domains.change(intent.domainUuid(), edit, journal);
    }
  }

  /** Ends one whose call is gone: nobody is left to begin its copies, whose jobs end so. */
  private void forward(CreateIntent intent, Optional<LiveDomain> live) {
    var _ = forward(intent, live, _ -> {});
    copies.takeUp(intent.copies());
  }

  /** The overlays that were made for it and may go once nothing needs them. */
  private static List<OwnedImage> owned(CreateIntent intent) {
    return intent.disks().stream()
        .filter(MovingDisk::made)
        .flatMap(
            disk ->
                OverlayFiles.owned(
                    intent.domainUuid(), disk.before().target(), disk.overlay().image())
                    .stream())
        .toList();
  }

  /** Takes back what was made; QEMU still runs on the old images, or does not run. */
  void back(CreateIntent intent, Optional<LiveDomain> live) {
    live.ifPresent(
        running -> {
          memories.settle(intent, running);
          OverlayNodes.close(running, intent);
        });
    copies.takeBack(intent.copies(), live);
    memories.remove(intent);
    OverlayFiles.takeBack(intent.toMake(), intent.overlays());
    intents.delete(intent.domainUuid());
    live.ifPresent(running -> memories.letGo(intent, running));
  }

  /**
   * Ends a snapshot whose outcome is not known. A living QEMU tells it; without one the overlays
   * are used where all of them are there, since an overlay nobody wrote to equals its backing
   * image. Disks have not moved before the memory was complete.
   */
  void settle(CreateIntent intent) {
    Optional<LiveDomain> live = lives.find(intent.domainUuid());
    if (live.isPresent()) {
      if (OverlayNodes.moved(live.get(), intent)) {
        forward(intent, live);
      } else {
        back(intent, live);
      }
    } else if (domains.find(intent.domainUuid()).isEmpty()) {
      logger.warn(
          "Domain {} is gone; the overlays of its snapshot '{}' are kept",
          intent.snapshot().getDomainName(),
          intent.snapshot().getName());
      copies.takeBack(intent.copies(), Optional.empty());
      intents.delete(intent.domainUuid());
    } else if (intent.memoryComplete() && complete(intent)) {
      forward(intent, live);
    } else {
      back(intent, live);
    }
  }

  private boolean complete(CreateIntent intent) {
    return intent.toMake().stream().allMatch(intent.overlays()::stillThere)
        && intent.disks().stream().allMatch(this::complete);
  }

  private boolean complete(MovingDisk disk) {
    return files.complete(disk.overlay().image(), disk.before().active().image(), disk.made());
  }

  private static void edit(Domain.Builder domain, CreateIntent intent) {
    domain.setSpec(move(domain.getSpec(), intent));
    if (domain.getStatus().hasLiveSpec()) {
      domain.getStatusBuilder().setLiveSpec(move(domain.getStatus().getLiveSpec(), intent));
    }
    if (intent.keepRecord()) {
      domain.getStatusBuilder().setSnapshotCount(domain.getStatus().getSnapshotCount() + 1);
    }
  }

  private static DomainSpec move(DomainSpec spec, CreateIntent intent) {
    DomainSpec moved = spec;
    for (MovingDisk disk : intent.disks()) {
      moved =
          DiskSources.moved(
              moved,
              disk.before().target(),
              Chain.source(disk.before().active().image()),
              Chain.source(disk.overlay().image()));
    }
    return moved;
  }
}
