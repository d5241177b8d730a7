package dev.drover.spi.snapshot;

import dev.drover.spi.block.Chain;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Finds what a job has done to snapshots and their images (R3, R9). A commit writes into its base,
 * so whatever is read through the base and not through the top of the commit shows something else
 * from then on; and what the top showed is shown by the base. A job that moves its disk leaves one
 * image and goes on in another. All of it goes on record in the transaction that settles the job.
 */
public final class CommitAftermath {

  private final SnapshotBook snapshots;
  private final Store store;
  private final DeletionRecords deletions;
  private final StoredImages images;

  /** Looks at the snapshots of every domain. */
  public CommitAftermath(SnapshotBook snapshots, Store store, StoredImages images) {
    this.snapshots = snapshots;
    this.store = store;
    this.deletions = new DeletionRecords(store);
    this.images = images;
  }

  /** How a commit has ended. */
  public enum End {
    /** The disk has its new chain. */
    DONE,
    /** The disk is on its old chain, and the base may have been written to. */
    STOPPED
  }

  /**
   * What is to be recorded at the end of a job.
   *
   * @param lost the moments that are gone
   * @param moved where the images of moments that stay are now; empty where they did not move
   * @param switched from which image to which the disk has gone; empty where it is where it was
   * @param unknown moments of which it cannot be told, with the reason, for people
   */
  public record Aftermath(
      List<LostMoment> lost,
      Optional<Move> moved,
      Optional<Switch> switched,
      List<String> unknown) {

    /** Of a job that has written into no image but the one that its disk is on. */
    public static final Aftermath NONE =
        new Aftermath(List.of(), Optional.empty(), Optional.empty(), List.of());

    /** Copies the lists. */
    public Aftermath {
      lost = List.copyOf(lost);
      unknown = List.copyOf(unknown);
    }

    /** What the owner of the job is told. */
    public List<String> warnings() {
      return Stream.concat(lost.stream().map(LostMoment::warning), unknown.stream()).toList();
    }
  }

  /**
   * That what was in one image of a disk is in another one now.
   *
   * @param doomed names of the snapshots that this is done to delete, which do not follow
   */
  public record Move(String domainUuid, String disk, Image from, Image into, Set<String> doomed) {

    /** Copies the names. */
    public Move {
      doomed = Set.copyOf(doomed);
    }
  }

  /** That a disk went on from one image in another. */
  public record Switch(String domainUuid, Image from, Image to) {}

  /**
   * Looks at the images as they are at the end of a job, before its end is recorded and before
   * files go.
   *
   * @param job the job with its request and the chain before
   */
  public Aftermath of(Job job, End end) {
    return switch (job.getKind()) {
      case JOB_KIND_COMMIT, JOB_KIND_ACTIVE_COMMIT -> ofCommit(job, end);
      case JOB_KIND_COPY ->
          end == End.DONE
              ? new Aftermath(
                  List.of(),
                  Optional.empty(),
                  Optional.of(
                      new Switch(
                          job.getDomainUuid(),
                          Chain.source(job.getResult().getChainBefore(0)),
                          job.getRequest().getDestination())),
                  List.of())
              : Aftermath.NONE;
      case JOB_KIND_PULL,
          JOB_KIND_SNAPSHOT_DELETE,
          JOB_KIND_SNAPSHOT_REVERT,
          JOB_KIND_UNSPECIFIED,
          UNRECOGNIZED ->
          Aftermath.NONE;
    };
  }

  private Aftermath ofCommit(Job job, End end) {
    CommittedChain commit = CommittedChain.of(job, end == End.DONE);
    Set<String> doomed =
        job.getParentJobId().isEmpty() ? Set.of() : deletions.names(job.getParentJobId());
    List<LostMoment> lost = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    Set<String> silent = new HashSet<>();
    for (Snapshot snapshot : snapshots.listAll()) {
      boolean goes =
          end == End.DONE
              && snapshot.getDomainUuid().equals(job.getDomainUuid())
              && doomed.contains(snapshot.getName());
      if (goes) {
        continue;
      }
      for (SnapshotDisk disk : snapshot.getDisksList()) {
        if ((disk.hasFrozen() || disk.hasInside()) && !disk.getStateLost()) {
          look(commit, job, snapshot, disk, lost, unknown, silent);
        }
      }
    }
    Optional<Move> moved =
        end == End.DONE
            ? Optional.of(
                new Move(
                    job.getDomainUuid(),
                    job.getDisk(),
                    Chain.source(commit.top()),
                    Chain.source(commit.base()),
                    doomed))
            : Optional.empty();
    Optional<Switch> switched =
        moved
            .filter(_ -> commit.topIndex() == 0)
            .map(move -> new Switch(move.domainUuid(), move.from(), move.into()));
    return new Aftermath(lost, moved, switched, unknown);
  }

  private void look(
      CommittedChain commit,
      Job job,
      Snapshot snapshot,
      SnapshotDisk disk,
      List<LostMoment> lost,
      List<String> unknown,
      Set<String> silent) {
    Image holding = disk.hasFrozen() ? disk.getFrozen() : disk.getInside();
    String directory = directory(holding);
    // The job has just worked on what its own domain's images are on.
    boolean others = !snapshot.getDomainUuid().equals(job.getDomainUuid());
    if (others && silent.contains(directory)) {
      unknown.add(unknown(snapshot, disk, "'%s' does not answer".formatted(directory)));
      return;
    }
    try {
      Optional<Chain> chain = images.chain(snapshot.getDomainName(), disk.getTarget(), holding);
      // What an image of the commit's own chain keeps inside itself stays there.
      boolean keeps =
          disk.hasInside() && chain.filter(read -> commit.has(read.active(), images)).isPresent();
      if (!keeps && chain.filter(read -> commit.spoils(read, images)).isPresent()) {
        lost.add(
            new LostMoment(
                snapshot.getDomainUuid(),
                snapshot.getDomainName(),
                snapshot.getName(),
                disk.getTarget(),
                job.getId()));
      }
    } catch (DriverException e) {
      if (e.reason() == ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED) {
        // Storage that hangs holds up the jobs of others for one question, not for each image (R4).
        silent.add(directory);
      }
      unknown.add(unknown(snapshot, disk, String.valueOf(e.getMessage())));
    }
  }

  private static String directory(Image image) {
    return image.getPath().substring(0, image.getPath().lastIndexOf('/') + 1);
  }

  private static String unknown(Snapshot snapshot, SnapshotDisk disk, String why) {
    return ("whether snapshot '%s' of domain '%s' has lost its state of disk '%s' by the commit"
            + " cannot be told: %s")
        .formatted(snapshot.getName(), snapshot.getDomainName(), disk.getTarget(), why);
  }

  /**
   * Records it inside the transaction that settles the job, and shows it once that is committed.
   *
   * @param settle runs that transaction and calls back within it
   */
  public void record(Aftermath aftermath, Consumer<Consumer<StoreTransaction>> settle) {
    List<SnapshotBook.Change> changes = new ArrayList<>();
    settle.accept(
        transaction -> {
          changes.clear();
          changes.add(write(transaction, aftermath));
        });
    changes.forEach(snapshots::settle);
  }

  /**
   * The same where nothing but the job is settled with it.
   *
   * @param journal writes the job's own record
   */
  public void recordWith(Aftermath aftermath, Consumer<StoreTransaction> journal) {
    record(aftermath, mark -> store.transact(journal.andThen(mark)));
  }

  private SnapshotBook.Change write(StoreTransaction transaction, Aftermath aftermath) {
    SnapshotBook.Change lost = snapshots.lose(transaction, aftermath.lost());
    aftermath
        .switched()
        .ifPresent(
            disk -> {
              String uuid = disk.domainUuid();
              snapshots.owned().leave(transaction, uuid, List.of(disk.from().getPath()));
              snapshots.owned().take(transaction, uuid, List.of(disk.to().getPath()));
            });
    return aftermath
        .moved()
        .map(
            move ->
                lost.and(
                    snapshots.edit(
                        transaction,
                        move.domainUuid(),
                        snapshot ->
                            move.doomed().contains(snapshot.getName())
                                ? snapshot
                                : MovedSnapshots.moved(
                                    snapshot, move.disk(), move.from(), move.into()))))
        .orElse(lost);
  }

  /**
   * What the owner of a settled job is told of the moments that are on record as lost by it: the
   * same after a death of the daemon as without one.
   */
  public List<String> warnings(String jobId) {
    return snapshots.lostBy(jobId).stream().map(LostMoment::warning).toList();
  }
}
