package dev.drover.qemu.block;

import dev.drover.qemu.domain.LiveDomain;
import dev.drover.qemu.domain.LiveDomains;
import dev.drover.qemu.image.ChainReader;
import dev.drover.qemu.image.DiskGraph;
import dev.drover.qemu.image.ImageFiles;
import dev.drover.qemu.image.ImageNode;
import dev.drover.qemu.image.KnownFiles;
import dev.drover.qemu.journal.JobJournal;
import dev.drover.qemu.journal.JournalEntry;
import dev.drover.qemu.journal.JournalImage;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.snapshot.HeldInside;
import dev.drover.spi.snapshot.MemoryPlan;
import dev.drover.spi.snapshot.SnapshotBook;
import dev.drover.v1.ChainImage;
import dev.drover.v1.Disk;
import dev.drover.v1.Domain;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds out whether a file is part of any known chain at this moment (R3): of a running domain as
 * its QEMU has it open, of every domain as its definition and the headers say, of a snapshot, of a
 * branch that a revert has left, and of a job that has not ended. Files are compared, not the ways
 * in which their paths are spelled.
 */
public final class ImageHolders {

  private final DomainBook domains;
  private final SnapshotBook snapshots;
  private final LiveDomains live;
  private final OfflineHosts offline;
  private final JobJournal journal;
  private final ChainReader reader;

  ImageHolders(
      DomainBook domains,
      SnapshotBook snapshots,
      LiveDomains live,
      OfflineHosts offline,
      JobJournal journal,
      ChainReader reader) {
    this.domains = domains;
    this.snapshots = snapshots;
    this.live = live;
    this.offline = offline;
    this.journal = journal;
    this.reader = reader;
  }

  /** What refuses jobs that would lose moments which images keep inside themselves. */
  HeldInside inside() {
    return new HeldInside(snapshots.listAll(), ImageFiles::same);
  }

  /**
   * Why a file must stay; empty where nobody needs it. A chain that cannot be read is a reason too,
   * since what it holds is not known. A snapshot that is being deleted needs nothing any more.
   *
   * @param jobId the job that asks, whose own chains are no reason; empty: none
   */
  Optional<String> holder(String jobId, String path) {
    return holder(path, _ -> true, entry -> !entry.jobId().equals(jobId));
  }

  /**
   * Why somebody other than one domain needs a file; empty where nobody does.
   *
   * @param domainUuid the domain that asks, whose own disks, snapshots and jobs are no reason
   */
  public Optional<String> elsewhere(String domainUuid, String path) {
    return holder(
        path, uuid -> !uuid.equals(domainUuid), entry -> !entry.domainUuid().equals(domainUuid));
  }

  /**
   * Who needs a file.
   *
   * @param domainCounts whether disks and snapshots of a domain, by its uuid, are a reason
   * @param jobCounts whether a job that has not ended is one
   */
  private Optional<String> holder(
      String path, Predicate<String> domainCounts, Predicate<JournalEntry> jobCounts) {
    return open(path, domainCounts)
        .or(() -> job(path, jobCounts))
        .or(
            () ->
                first(
                    domains.list().stream()
                        .filter(domain -> domainCounts.test(domain.getSpec().getUuid()))
                        .flatMap(domain -> defined(domain, path))))
        .or(
            () ->
                first(
                    snapshots.listAll().stream()
                        .filter(held -> domainCounts.test(held.getDomainUuid()))
                        .filter(held -> !held.getDeleting())
                        .flatMap(held -> frozen(held, path))))
        .or(() -> first(branch(path, domainCounts)));
  }

  /**
   * Refuses a job where somebody else has an image open that the job writes to, or writes to one
   * that the job reads (C18); another disk of the same domain is somebody else, too. QEMU's own
   * locks say the same a moment later, but less well.
   *
   * @throws DriverException IMAGE_IN_USE
   */
  void requireUnused(JournalEntry entry) {
    KnownFiles written = KnownFiles.at(entry.written());
    KnownFiles used =
        KnownFiles.at(
            Stream.concat(entry.before().stream(), entry.added().stream())
                .map(JournalImage::path)
                .collect(Collectors.toSet()));
    for (LiveDomain domain : live.list()) {
      boolean own = domain.uuid().equals(entry.domainUuid()) && !entry.aside();
      for (DiskGraph disk : domain.disks()) {
        if (!own || !disk.target().equals(entry.disk())) {
          requireApart(
              disk, "domain '%s'".formatted(domain.name()), writes(domain, disk), written, used);
        }
      }
    }
    for (OfflineHosts.OpenDisk disk : offline.open()) {
      requireApart(
          disk.graph(),
          "job %s of domain '%s'".formatted(disk.jobId(), disk.domainName()),
          true,
          written,
          used);
    }
  }

  /**
   * Refuses images that are to hold a moment where somebody writes to them.
   *
   * @param domainUuid the domain whose moment it is, which moves away from them by itself
   * @throws DriverException IMAGE_IN_USE
   */
  public void requireUnwritten(String domainUuid, Set<String> paths) {
    KnownFiles read = KnownFiles.at(paths);
    KnownFiles none = KnownFiles.at(Set.of());
    for (LiveDomain domain : live.list()) {
      if (domain.uuid().equals(domainUuid)) {
        continue;
      }
      for (DiskGraph disk : domain.disks()) {
        requireApart(
            disk, "domain '%s'".formatted(domain.name()), writes(domain, disk), none, read);
      }
    }
  }

  private static boolean writes(LiveDomain domain, DiskGraph disk) {
    return domain.record().domain().getStatus().getLiveSpec().getDisksList().stream()
        .noneMatch(spec -> spec.getTarget().equals(disk.target()) && spec.getReadOnly());
  }

  private static void requireApart(
      DiskGraph open, String holder, boolean writes, KnownFiles written, KnownFiles used) {
    for (ImageNode image : open.images()) {
      String path = image.image().getPath();
      boolean active = image.image().getIndex() == 0;
      KnownFiles mustNotBe = active && writes ? used : written;
      if (mustNotBe.include(path)) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_IMAGE_IN_USE,
            "image '%s' is in use by disk '%s' of %s; stop that first"
                .formatted(path, open.target(), holder),
            "path",
            path);
      }
    }
  }

  private Optional<String> open(String path, Predicate<String> counts) {
    return live.list().stream()
        .filter(domain -> counts.test(domain.uuid()))
        .filter(domain -> holds(domain, path))
        .findFirst()
        .map(domain -> "domain '%s' has it open".formatted(domain.name()));
  }

  private static boolean holds(LiveDomain domain, String path) {
    return domain.disks().stream()
        .flatMap(disk -> disk.images().stream())
        .anyMatch(image -> ImageFiles.same(image.image().getPath(), path));
  }

  private Optional<String> job(String path, Predicate<JournalEntry> counts) {
    return journal.list().stream()
        .filter(counts)
        .filter(entry -> holds(entry, path))
        .findFirst()
        .map(entry -> "job %s, which has not ended, needs it".formatted(entry.jobId()));
  }

  private static boolean holds(JournalEntry entry, String path) {
    return Stream.concat(entry.before().stream(), entry.after().stream())
        .anyMatch(image -> ImageFiles.same(image.path(), path));
  }

  private Stream<String> defined(Domain domain, String path) {
    return domain.getSpec().getDisksList().stream()
        .filter(Disk::hasSource)
        .flatMap(
            disk ->
                chain(
                    "disk '%s' of domain '%s'"
                        .formatted(disk.getTarget(), domain.getSpec().getName()),
                    domain.getSpec().getName(),
                    disk.getTarget(),
                    disk.getSource(),
                    path)
                    .stream());
  }

  /**
   * A moment that is lost, or whose own image is gone, needs nothing any more. Where the image's
   * directory is not there either, its file system may only be missing at the moment, and nothing
   * is known.
   */
  private Stream<String> frozen(Snapshot snapshot, String path) {
    return snapshot.getDisksList().stream()
        .filter(disk -> disk.hasFrozen() || disk.hasInside())
        .filter(disk -> !disk.getStateLost())
        .filter(disk -> !gone(holding(disk)))
        .flatMap(
            disk ->
                chain(
                    "snapshot '%s' of domain '%s'"
                        .formatted(snapshot.getName(), snapshot.getDomainName()),
                    snapshot.getDomainName(),
                    disk.getTarget(),
                    holding(disk),
                    path)
                    .stream());
  }

  private static Image holding(SnapshotDisk disk) {
    return disk.hasFrozen() ? disk.getFrozen() : disk.getInside();
  }

  /** An image above one that holds a moment, as some record of a domain names it. */
  private record Branch(String domain, String disk, Image image) {}

  /** Branches that a revert has left are there for whoever wants them, and so is what they read. */
  private Stream<String> branch(String path, Predicate<String> of) {
    Stream<Branch> made =
        snapshots.owned().listAll().stream()
            .filter(owned -> of.test(owned.domainUuid()) && !MemoryPlan.isMemory(owned))
            .map(owned -> new Branch(owned.domainUuid(), owned.disk(), owned.image()));
    Stream<Branch> given =
        snapshots.listAll().stream()
            .filter(snapshot -> !snapshot.getDeleting() && of.test(snapshot.getDomainUuid()))
            .flatMap(
                snapshot ->
                    snapshot.getDisksList().stream()
                        .filter(SnapshotDisk::hasOverlay)
                        .map(
                            disk ->
                                new Branch(
                                    snapshot.getDomainUuid(),
                                    disk.getTarget(),
                                    disk.getOverlay())));
    return Stream.concat(made, given)
        .distinct()
        .filter(branch -> !gone(branch.image()))
        .filter(branch -> !ImageFiles.same(branch.image().getPath(), path))
        .flatMap(
            branch ->
                chain(
                    "'%s', a branch above a snapshot,".formatted(branch.image().getPath()),
                    branch.domain(),
                    branch.disk(),
                    branch.image(),
                    path)
                    .stream());
  }

  /** What does not answer is not known to be gone. */
  private boolean gone(Image image) {
    try {
      return reader.gone(image.getPath());
    } catch (DriverException _) {
      return false;
    }
  }

  private Optional<String> chain(
      String who, String domain, String disk, Image source, String path) {
    if (ImageFiles.same(source.getPath(), path)) {
      return Optional.of(who + " uses it");
    }
    try {
      for (ChainImage image : reader.read(domain, disk, source).images()) {
        if (ImageFiles.same(image.getPath(), path)) {
          return Optional.of(who + " needs it");
        }
      }
      return Optional.empty();
    } catch (DriverException e) {
      return Optional.of("whether %s needs it cannot be told: %s".formatted(who, e.getMessage()));
    }
  }

  private static Optional<String> first(Stream<String> reasons) {
    return reasons.findFirst();
  }
}
