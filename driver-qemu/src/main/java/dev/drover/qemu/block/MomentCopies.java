package dev.drover.qemu.block;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.image.CheckedChain;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.OpeningCheck;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.CopyPlan;
import dev.drover.spi.block.DiskLookup;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.snapshot.MomentCopy;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies that begin at the moment of a snapshot (G12). QEMU takes no mirror into the transaction
 * that moves the disks, so the guest is held from before it until the mirrors run. The jobs go on
 * record in the transaction that enters the snapshot, where QEMU has not heard of them; a job that
 * nobody was left to begin fails there as any other that QEMU does not know.
 */
public final class MomentCopies {

  private static final Logger logger = LoggerFactory.getLogger(MomentCopies.class);

  private final LiveDisks disks;
  private final JobBook book;
  private final JobJournal journal;
  private final JobWorkers workers;
  private final CopyDestinations destinations;
  private final ImageHolders holders;
  private final OfflineHosts offline;
  private final ForeignJobs foreign;
  private final FileRemoval removal;
  private final JobEnds ends;
  private final OpeningCheck opening;

  MomentCopies(
      LiveDisks disks,
      JobBook book,
      JobJournal journal,
      JobWorkers workers,
      CopyDestinations destinations,
      ImageHolders holders,
      OfflineHosts offline,
      ForeignJobs foreign,
      FileRemoval removal,
      JobEnds ends,
      OpeningCheck opening) {
    this.disks = disks;
    this.book = book;
    this.journal = journal;
    this.workers = workers;
    this.destinations = destinations;
    this.holders = holders;
    this.offline = offline;
    this.foreign = foreign;
    this.removal = removal;
    this.ends = ends;
    this.opening = opening;
  }

  /**
   * A copy and the disk that it begins on.
   *
   * @param copy the copy
   * @param before the disk as it is
   * @param after the disk as it is going to be
   */
  public record Ordered(MomentCopy copy, DiskGraph before, DiskGraph after) {}

  /**
   * Plans copies. Everything that can be refused is refused here, and nothing is touched.
   *
   * @param live the process of the domain; empty where it is shut off
   * @throws DriverException as {@code BlockCopy}
   */
  public CopyStart plan(Domain domain, Optional<LiveDomain> live, List<Ordered> ordered) {
    List<CopyStart.Copy> copies = new ArrayList<>();
    for (Ordered each : ordered) {
      CopyStart.Copy copy =
          live.isPresent() ? inProcess(domain, live.get(), each) : alone(domain, each);
      requireApart(copy, each);
      copies.add(copy);
    }
    return new CopyStart(book, journal, workers, destinations, ends, opening, copies);
  }

  private CopyStart.Copy inProcess(Domain domain, LiveDomain live, Ordered each) {
    BlockHost host = new LiveHost(live);
    foreign.requireUntouched(host, each.before());
    return copy(domain, host, each, each.after());
  }

  /** On a shut-off domain each job has a process of its own. */
  private CopyStart.Copy alone(Domain domain, Ordered each) {
    if (!offline.available()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING,
          ("domain '%s' is shut off, and nothing is installed that copies its disks then; leave"
                  + " the copies out, or start the domain first")
              .formatted(domain.getSpec().getName()),
          "domain",
          domain.getSpec().getName());
    }
    Disk disk =
        DiskLookup.find(
            domain.getSpec().getName(),
            domain.getSpec().getDisksList(),
            each.copy().part().target());
    Disk moved = disk.toBuilder().setSource(each.copy().part().overlay()).build();
    BlockHost host =
        offline.prepare(
            domain,
            moved,
            new CheckedChain(chain(domain, each.after(), each), List.of()),
            each.copy().origin().jobId());
    CopyStart.Copy copy = copy(domain, host, each, host.disk(disk.getTarget()));
    holders.requireUnused(copy.draft().entry());
    return copy;
  }

  private CopyStart.Copy copy(Domain domain, BlockHost host, Ordered each, DiskGraph graph) {
    Chain chain = chain(domain, graph, each);
    JobDrafts drafts =
        new JobDrafts(host, graph, chain, each.copy().origin().jobId(), /* aside= */ false);
    try {
      CopyPlan plan = CopyPlan.of(chain, each.copy().request());
      // The overlay is not there yet, and is going to be empty.
      List<ChainImage> copied =
          plan.shallow() ? List.of() : each.before().chain(domain.getSpec().getName()).images();
      JobDraft draft =
          drafts.copy(destinations.examine(host, graph, plan, copied), each.copy().request());
      return new CopyStart.Copy(
          each.copy().origin(), host, draft, graph.images().get(1).formatNode());
    } catch (QmpException e) {
      throw JobFailures.ofCommand(host, e);
    }
  }

  /** What the headers say of the images there are, below the overlay as it is going to be. */
  private Chain chain(Domain domain, DiskGraph graph, Ordered each) {
    Chain before = disks.chain(domain, each.before().target());
    ChainImage overlay = each.after().active().image();
    return MomentCopy.above(
        before, overlay.toBuilder().setNodeName(graph.active().formatNode()).build());
  }

  /** A destination that reads the overlay would make the mirror write into what it reads. */
  private static void requireApart(CopyStart.Copy copy, Ordered each) {
    String overlay = each.after().active().image().getPath();
    for (JournalImage image : copy.draft().entry().after()) {
      if (image.path().equals(overlay)) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_IMAGE_IN_USE,
            "destination '%s' cannot be used: it reads '%s', in which disk '%s' is going to go on"
                .formatted(
                    copy.draft().entry().after().getFirst().path(),
                    overlay,
                    each.before().target()),
            "path",
            overlay);
      }
    }
  }

  /**
   * Records the jobs of copies in the transaction that enters their snapshot.
   *
   * @param change runs that transaction and calls back within it
   */
  public void record(List<PlannedCopy> copies, Consumer<Consumer<StoreTransaction>> change) {
    if (copies.isEmpty()) {
      change.accept(_ -> {});
      return;
    }
    var _ =
        book.beginWithin(
            copies.stream().map(copy -> new JobBook.Beginning(copy.origin(), copy.job())).toList(),
            write ->
                change.accept(
                    write.andThen(
                        transaction ->
                            copies.forEach(copy -> journal.write(transaction, copy.entry())))));
  }

  /** Has jobs followed that are on record by now and that nobody has begun. */
  public void takeUp(List<PlannedCopy> copies) {
    copies.forEach(copy -> workers.takeUpUnbegun(copy.entry()));
  }

  /**
   * Takes back what was made for copies whose snapshot did not come about (G11).
   *
   * @param live the process where nodes may be open; empty where it is gone
   * @throws DriverException what a monitor command raises
   */
  public void takeBack(List<PlannedCopy> copies, Optional<LiveDomain> live) {
    for (PlannedCopy copy : copies) {
      live.map(LiveHost::new).ifPresent(host -> closeNodes(host, copy));
      String made = copy.entry().createdFile();
      if (!made.isEmpty()) {
        removal
            .removeCreated(copy.entry().jobId(), made, Optional.empty())
            .warnings()
            .forEach(logger::warn);
      }
    }
  }

  private static void closeNodes(BlockHost host, PlannedCopy copy) {
    try {
      LettingGo.deleteNodes(host, copy.entry().added()).forEach(logger::warn);
    } catch (QmpException e) {
      throw JobFailures.ofCommand(host, e);
    }
  }
}
