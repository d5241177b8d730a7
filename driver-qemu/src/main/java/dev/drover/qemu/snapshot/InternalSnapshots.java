package dev.drover.qemu.snapshot;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.memory.MemoryJob;
import dev.drover.qemu.memory.MemorySave;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.CallContext;
import dev.drover.spi.DriverContext;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.snapshot.InternalPlan;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Domain;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotConsistency;
import dev.drover.v1.SnapshotDisk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes internal snapshots: every image of a domain keeps what it holds inside itself, at one
 * moment, or none does (G1, G11). What the images keep tells how far one is whose daemon or QEMU
 * has died: where all keep it, it is entered, and otherwise those that do let go of it.
 */
final class InternalSnapshots {

  private static final Logger logger = LoggerFactory.getLogger(InternalSnapshots.class);

  private final DriverContext context;
  private final DomainBook domains;
  private final SnapshotBook snapshots;
  private final LiveDomains lives;
  private final SnapshotIntents intents;
  private final InsideImages images;

  InternalSnapshots(
      DriverContext context,
      DomainBook domains,
      SnapshotBook snapshots,
      LiveDomains lives,
      SnapshotIntents intents,
      InsideImages images) {
    this.context = context;
    this.domains = domains;
    this.snapshots = snapshots;
    this.lives = lives;
    this.intents = intents;
    this.images = images;
  }

  /**
   * The record of a snapshot that is going to be made, without its place among the others.
   *
   * @throws DriverException DOMAIN_STATE_INVALID where memory cannot be taken
   */
  InsideIntent planned(
      InternalPlan plan, Domain domain, Optional<LiveDomain> live, CreateSnapshotRequest request) {
    Snapshot record =
        plan.record(request, domain.getStatus().getState(), context.clock().instant());
    if (!plan.memory() || live.isEmpty()) {
      return new InsideIntent(record);
    }
    MemorySave.requireTakeable(live.get());
    return new InsideIntent(
        record.toBuilder()
            .setDomainSpec(MemorySave.resolved(live.get(), record.getDomainSpec()))
            .build());
  }

  /**
   * That it is not known whether a snapshot has been made; its intent is left for {@link #settle}.
   */
  static final class Unknown extends Exception {

    private static final long serialVersionUID = 1L;

    private final DriverException failure;

    Unknown(DriverException failure) {
      super(failure);
      this.failure = failure;
    }

    /** What the caller is told. */
    DriverException failure() {
      return failure;
    }
  }

  /**
   * Makes a snapshot whose intent is on record.
   *
   * @param quiesce longest time for which file systems are frozen; zero: not at all
   * @throws DriverException why it was not made; nothing is left of it
   * @throws Unknown where QEMU did not tell
   */
  Snapshot make(CallContext call, Optional<LiveDomain> live, InsideIntent intent, Duration quiesce)
      throws Unknown {
    boolean begun = false;
    try {
      intents.put(intent);
      InsideIntent taken = intent;
      if (live.isEmpty()) {
        for (SnapshotDisk disk : intent.disks()) {
          images.keep(disk.getInside(), intent.tag());
        }
      } else if (intent.snapshot().hasMemory()) {
        var _ = MemorySave.hold(live.get());
        begun = true;
        takeMemory(call, live.get(), intent);
      } else {
        Duration patience = call.remaining(context.clock().instant());
        try (FrozenMoment moment = FrozenMoment.begin(context, live.get(), quiesce, patience)) {
          boolean frozen = moment.frozen();
          begun = true;
          InsideImages.keep(live.get(), intent.disks(), intent.tag());
          if (frozen && moment.frozen()) {
            taken = intent.reaching(SnapshotConsistency.SNAPSHOT_CONSISTENCY_FILESYSTEM);
          }
        }
      }
      return forward(taken, live);
    } catch (DriverException e) {
      if (begun && mayHaveRun(e)) {
        throw new Unknown(e);
      }
      takeBack(intent, live, e);
      throw e;
    }
  }

  private void takeMemory(CallContext call, LiveDomain live, InsideIntent intent) {
    List<String> nodes =
        intent.disks().stream()
            .map(disk -> live.disk(disk.getTarget()).active().formatNode())
            .toList();
    MemoryJob.save(
        live, intent.tag(), nodes.getFirst(), nodes, () -> call.check(context.clock().instant()));
  }

  /** A refusal of QEMU's own proves that it has done nothing, and so does the failure of a job. */
  private static boolean mayHaveRun(DriverException failure) {
    return switch (failure.reason()) {
      case ERROR_REASON_NO_SPACE, ERROR_REASON_HYPERVISOR_REFUSED ->
          failure.getCause() instanceof QmpException qmp && qmp.mayHaveRun();
      default -> !(failure.getCause() instanceof QmpException qmp) || qmp.mayHaveRun();
    };
  }

  private void takeBack(InsideIntent intent, Optional<LiveDomain> live, DriverException failure) {
    try {
      back(
          intent,
          lives.find(intent.domainUuid()).filter(now -> live.filter(now::equals).isPresent()));
    } catch (DriverException e) {
      failure.addSuppressed(e);
      logger.warn(
          "Domain {}: what images keep of the failed snapshot '{}' goes later",
          intent.snapshot().getDomainName(),
          intent.snapshot().getName(),
          e);
    }
  }

  /**
   * Ends a snapshot whose outcome is not known.
   *
   * @throws DriverException where that cannot be done yet
   */
  void settle(InsideIntent intent) {
    Optional<LiveDomain> live = lives.find(intent.domainUuid());
    if (domains.find(intent.domainUuid()).isEmpty()) {
      logger.warn(
          "Domain {} is gone; its images may keep the snapshot '{}' inside themselves",
          intent.snapshot().getDomainName(),
          intent.tag());
      intents.delete(intent.domainUuid());
      return;
    }
    if (intent.snapshot().hasMemory()) {
      live.ifPresent(MemoryJob::settle);
    }
    if (complete(intent)) {
      var _ = forward(intent, live);
    } else {
      back(intent, live);
    }
  }

  private static boolean complete(InsideIntent intent) {
    String memory = intent.snapshot().getMemory().getDisk();
    return intent.disks().stream()
        .allMatch(
            disk ->
                InsideImages.find(disk.getInside(), intent.tag()).orElse(-1)
                    >= (disk.getTarget().equals(memory) ? 1 : 0));
  }

  /** Enters the record in one durable step, and tells of it (R8). */
  private Snapshot forward(InsideIntent taken, Optional<LiveDomain> live) {
    InsideIntent intent = sized(taken);
    List<SnapshotBook.Change> changes = new ArrayList<>();
    Consumer<Domain.Builder> edit =
        domain ->
            domain.getStatusBuilder().setSnapshotCount(domain.getStatus().getSnapshotCount() + 1);
    Consumer<StoreTransaction> journal =
        transaction -> {
          changes.clear();
          changes.add(snapshots.add(transaction, intent.snapshot()));
          intents.delete(transaction, intent.domainUuid());
        };
    if (live.isPresent()) {
      var _ = live.get().change(domains, List.of(), edit, journal);
    } else {
      var _ = domains.change(intent.domainUuid(), edit, journal);
    }
    changes.forEach(snapshots::settle);
    letGuestGo(intent, live);
    return changes.stream()
        .flatMap(change -> change.created().stream())
        .findFirst()
        .orElse(intent.snapshot());
  }

  private static InsideIntent sized(InsideIntent intent) {
    String memory = intent.snapshot().getMemory().getDisk();
    return intent.disks().stream()
        .filter(disk -> disk.getTarget().equals(memory))
        .findFirst()
        .map(
            disk ->
                intent.withMemoryOf(InsideImages.find(disk.getInside(), intent.tag()).orElse(0)))
        .orElse(intent);
  }

  /** Makes every image that keeps it let go of it. */
  private void back(InsideIntent intent, Optional<LiveDomain> live) {
    if (intent.snapshot().hasMemory()) {
      live.ifPresent(MemoryJob::settle);
    }
    for (SnapshotDisk disk : intent.disks()) {
      images.letGo(live, disk.getTarget(), disk.getInside(), intent.tag());
    }
    intents.delete(intent.domainUuid());
    letGuestGo(intent, live);
  }

  /** Lets the guest go on. What prevents that is logged: the hold ends when QEMU answers. */
  private static void letGuestGo(InsideIntent intent, Optional<LiveDomain> live) {
    if (live.isEmpty() || !intent.snapshot().hasMemory()) {
      return;
    }
    try {
      MemorySave.letGo(live.get());
    } catch (DriverException e) {
      logger.warn(
          "Domain {}: the guest stays held until its hypervisor answers", live.get().name(), e);
    }
  }
}
