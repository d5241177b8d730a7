package dev.drover.spi.snapshot;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.event.EventSink;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The durable register of a driver's snapshots. Changes are written into a transaction that the
 * driver opens, so that they stand or fall with the chain they describe (R8), and shown with {@link
 * #settle} once that has been committed. Safe for any number of threads; changes of one domain are
 * ordered by its lane.
 */
public final class SnapshotBook {

  private static final String COLLECTION = "snapshots";

  /**
   * Marks of lost moments, apart from the records: a commit of one domain may mark a snapshot of
   * another one whose record is being written for another reason at the same time.
   */
  private static final String LOST = "lost-moments";

  private final Store store;
  private final InstantSource clock;
  private final EventSink events;
  private final OwnedImages owned;
  private final KeptSnapshots kept;
  private final Map<String, Snapshot> snapshots = new ConcurrentHashMap<>();

  /** Ids of the jobs by which moments were lost, by domain, disk and snapshot. */
  private final Map<String, String> lost = new ConcurrentHashMap<>();

  /** Makes a register with every snapshot the store holds. */
  public SnapshotBook(Store store, InstantSource clock, EventSink events) {
    this.store = store;
    this.clock = clock;
    this.events = events;
    this.owned = new OwnedImages(store);
    this.kept = new KeptSnapshots(store);
    for (StoreRecord stored : store.list(LOST)) {
      lost.put(stored.key(), stored.content().toStringUtf8());
    }
    for (StoreRecord stored : store.list(COLLECTION)) {
      try {
        snapshots.put(stored.key(), marked(Snapshot.parseFrom(stored.content())));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("snapshot " + stored.key() + " is unreadable", e);
      }
    }
  }

  /** The images that were made for snapshots and reverts. */
  public OwnedImages owned() {
    return owned;
  }

  /** The domains whose snapshots outlive their definition. */
  public KeptSnapshots kept() {
    return kept;
  }

  /** The snapshots of a domain, the oldest first. */
  public List<Snapshot> list(String domainUuid) {
    return snapshots.values().stream()
        .filter(snapshot -> snapshot.getDomainUuid().equals(domainUuid))
        .sorted(
            Comparator.<Snapshot, Instant>comparing(
                    snapshot -> ProtoTimes.instant(snapshot.getCreateTime()))
                .thenComparing(Snapshot::getName))
        .toList();
  }

  /** Every snapshot, those of domains without a definition included. */
  public List<Snapshot> listAll() {
    return List.copyOf(snapshots.values());
  }

  /**
   * A snapshot of a domain.
   *
   * @throws DriverException SNAPSHOT_NOT_FOUND
   */
  public Snapshot require(String domainUuid, String domainName, String name) {
    Snapshot found = snapshots.get(key(domainUuid, name));
    if (found == null) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND,
          "domain '%s' has no snapshot '%s'; list its snapshots to see those there are"
              .formatted(domainName, name),
          "domain",
          domainName,
          "snapshot",
          name);
    }
    return found;
  }

  /**
   * Refuses where the domain has a snapshot of this name.
   *
   * @throws DriverException SNAPSHOT_ALREADY_EXISTS
   */
  public void requireUnused(String domainUuid, String domainName, String name) {
    if (snapshots.containsKey(key(domainUuid, name))) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS,
          "domain '%s' has a snapshot '%s' already; choose another name"
              .formatted(domainName, name),
          "domain",
          domainName,
          "snapshot",
          name);
    }
  }

  /** The snapshot made last, where there is one. */
  public Optional<Snapshot> current(String domainUuid) {
    return list(domainUuid).stream().filter(Snapshot::getCurrent).findFirst();
  }

  /**
   * A change that was written into a transaction and is not shown yet.
   *
   * @param lost moments that were marked as lost
   */
  public record Change(
      List<Snapshot> updated,
      List<Snapshot> created,
      List<Snapshot> removed,
      List<LostMoment> lost) {

    /** Copies the lists. */
    public Change {
      updated = List.copyOf(updated);
      created = List.copyOf(created);
      removed = List.copyOf(removed);
      lost = List.copyOf(lost);
    }

    /** A change without lost moments. */
    public Change(List<Snapshot> updated, List<Snapshot> created, List<Snapshot> removed) {
      this(updated, created, removed, List.of());
    }

    /** This change and another one of the same transaction, which is shown after it. */
    public Change and(Change other) {
      return new Change(
          joined(updated, other.updated),
          joined(created, other.created),
          joined(removed, other.removed),
          joined(lost, other.lost));
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
      return Stream.concat(first.stream(), second.stream()).toList();
    }
  }

  /** Changes records in a transaction of their own and shows them. */
  public void change(Function<StoreTransaction, Change> change) {
    List<Change> changes = new ArrayList<>();
    store.transact(
        transaction -> {
          changes.clear();
          changes.add(change.apply(transaction));
        });
    changes.forEach(this::settle);
  }

  /** Writes a new snapshot, which becomes the current one. Its parent is set here. */
  public Change add(StoreTransaction transaction, Snapshot draft) {
    Optional<Snapshot> parent = current(draft.getDomainUuid());
    Snapshot snapshot =
        draft.toBuilder()
            .setParent(parent.map(Snapshot::getName).orElse(""))
            .setCurrent(true)
            .build();
    List<Snapshot> updated = new ArrayList<>();
    parent.ifPresent(old -> updated.add(old.toBuilder().setCurrent(false).build()));
    for (Snapshot old : updated) {
      put(transaction, old);
    }
    // A mark that came too late for one of this name which is gone must not be taken for its own.
    delete(transaction, snapshot);
    put(transaction, snapshot);
    return new Change(updated, List.of(snapshot), List.of());
  }

  /**
   * Writes a snapshot that says itself what its parent is and whether it is current, over the one
   * of its name where there is one.
   */
  public Change enter(StoreTransaction transaction, Snapshot snapshot) {
    boolean known = snapshots.containsKey(key(snapshot.getDomainUuid(), snapshot.getName()));
    List<Snapshot> updated = new ArrayList<>();
    if (snapshot.getCurrent()) {
      current(snapshot.getDomainUuid())
          .filter(old -> !old.getName().equals(snapshot.getName()))
          .ifPresent(old -> updated.add(old.toBuilder().setCurrent(false).build()));
    }
    updated.forEach(old -> put(transaction, old));
    put(transaction, snapshot);
    if (known) {
      updated.add(snapshot);
    }
    return new Change(updated, known ? List.of() : List.of(snapshot), List.of());
  }

  /**
   * Writes a snapshot in the place of one of another name, from which the others then descend that
   * descended from that one.
   *
   * @param old the record of the name that is given up
   * @param snapshot the record under its new name, which no other snapshot of the domain has
   */
  public Change rename(StoreTransaction transaction, Snapshot old, Snapshot snapshot) {
    Change others =
        edit(
            transaction,
            old.getDomainUuid(),
            other -> {
              if (other.getName().equals(old.getName())) {
                return other;
              }
              return other.toBuilder()
                  .setParent(
                      other.getParent().equals(old.getName())
                          ? snapshot.getName()
                          : other.getParent())
                  .setCurrent(other.getCurrent() && !snapshot.getCurrent())
                  .build();
            });
    delete(transaction, old);
    delete(transaction, snapshot);
    put(transaction, snapshot);
    return new Change(others.updated(), List.of(snapshot), List.of(old));
  }

  /**
   * Makes a snapshot the current one, as after a revert to it. It stays where it is in the tree.
   *
   * @throws IllegalStateException where the domain has no such snapshot
   */
  public Change makeCurrent(StoreTransaction transaction, String domainUuid, String name) {
    List<Snapshot> updated = new ArrayList<>();
    current(domainUuid)
        .filter(old -> !old.getName().equals(name))
        .ifPresent(old -> updated.add(old.toBuilder().setCurrent(false).build()));
    Snapshot next = snapshots.get(key(domainUuid, name));
    if (next == null) {
      throw new IllegalStateException("domain " + domainUuid + " has no snapshot " + name);
    }
    if (!next.getCurrent()) {
      updated.add(next.toBuilder().setCurrent(true).build());
    }
    updated.forEach(snapshot -> put(transaction, snapshot));
    return new Change(updated, List.of(), List.of());
  }

  /** Changes the records of a domain's snapshots; those that stay as they are are not written. */
  public Change edit(
      StoreTransaction transaction, String domainUuid, UnaryOperator<Snapshot> change) {
    List<Snapshot> updated = new ArrayList<>();
    for (Snapshot old : list(domainUuid)) {
      Snapshot changed = change.apply(old);
      if (!changed.equals(old)) {
        put(transaction, changed);
        updated.add(changed);
      }
    }
    return new Change(updated, List.of(), List.of());
  }

  /** Marks moments as lost, for good. A snapshot that is gone by then is no error. */
  public Change lose(StoreTransaction transaction, List<LostMoment> moments) {
    for (LostMoment moment : moments) {
      transaction.put(LOST, key(moment), ByteString.copyFromUtf8(moment.jobId()));
    }
    return new Change(List.of(), List.of(), List.of(), moments);
  }

  /** The moments that are marked as lost by a job, and whose snapshots are still there. */
  public List<LostMoment> lostBy(String jobId) {
    List<LostMoment> moments = new ArrayList<>();
    for (Snapshot snapshot : snapshots.values()) {
      for (SnapshotDisk disk : snapshot.getDisksList()) {
        if (disk.getStateLost() && disk.getLostByJob().equals(jobId)) {
          moments.add(
              new LostMoment(
                  snapshot.getDomainUuid(),
                  snapshot.getDomainName(),
                  snapshot.getName(),
                  disk.getTarget(),
                  jobId));
        }
      }
    }
    moments.sort(Comparator.comparing(SnapshotBook::key));
    return List.copyOf(moments);
  }

  /** A record with the marks of its disks. */
  private Snapshot marked(Snapshot snapshot) {
    Snapshot.Builder builder = snapshot.toBuilder();
    for (SnapshotDisk.Builder disk : builder.getDisksBuilderList()) {
      String job = lost.get(key(snapshot, disk.getTarget()));
      if (job != null) {
        disk.setStateLost(true).setLostByJob(job);
      }
    }
    return builder.build();
  }

  /**
   * Removes records. What descends from them gets the next ancestor that stays as its parent, and
   * where one of them was current, that ancestor is.
   *
   * @param names of the snapshots; one that is gone already is no error
   */
  public Change remove(StoreTransaction transaction, String domainUuid, Set<String> names) {
    List<Snapshot> gone = new ArrayList<>();
    Set<String> current = new HashSet<>();
    for (Snapshot snapshot : list(domainUuid)) {
      if (names.contains(snapshot.getName())) {
        gone.add(snapshot);
        delete(transaction, snapshot);
        if (snapshot.getCurrent()) {
          current.add(staying(snapshot.getParent(), names, domainUuid));
        }
      }
    }
    Change kept =
        edit(
            transaction,
            domainUuid,
            snapshot ->
                names.contains(snapshot.getName())
                    ? snapshot
                    : snapshot.toBuilder()
                        .setParent(staying(snapshot.getParent(), names, domainUuid))
                        .setCurrent(snapshot.getCurrent() || current.contains(snapshot.getName()))
                        .build());
    return new Change(kept.updated(), List.of(), gone);
  }

  /** The first of a line of ancestors that stays; empty where none does. */
  private String staying(String first, Set<String> names, String domainUuid) {
    String ancestor = first;
    while (names.contains(ancestor)) {
      Snapshot known = snapshots.get(key(domainUuid, ancestor));
      ancestor = known == null ? "" : known.getParent();
    }
    return ancestor;
  }

  /** Removes the records of all snapshots of a domain, and lets go of the images made for them. */
  public Change removeAll(StoreTransaction transaction, String domainUuid) {
    List<Snapshot> gone = list(domainUuid);
    for (OwnedImage image : owned.list(domainUuid)) {
      owned.remove(transaction, domainUuid, image.image().getPath());
    }
    for (Snapshot snapshot : gone) {
      delete(transaction, snapshot);
    }
    kept.end(transaction, domainUuid);
    return new Change(List.of(), List.of(), gone);
  }

  /** Shows a change whose transaction has been committed. */
  public void settle(Change change) {
    for (LostMoment moment : change.lost()) {
      lost.put(key(moment), moment.jobId());
      Snapshot changed =
          snapshots.computeIfPresent(
              key(moment.domainUuid(), moment.snapshot()), (_, snapshot) -> marked(snapshot));
      if (changed != null) {
        publish(EventKind.EVENT_KIND_SNAPSHOT_UPDATED, changed);
      }
    }
    for (Snapshot snapshot : change.updated()) {
      publish(EventKind.EVENT_KIND_SNAPSHOT_UPDATED, keep(snapshot));
    }
    for (Snapshot snapshot : change.created()) {
      unmark(snapshot);
      publish(EventKind.EVENT_KIND_SNAPSHOT_CREATED, keep(snapshot));
    }
    for (Snapshot snapshot : change.removed()) {
      unmark(snapshot);
      snapshots.remove(key(snapshot.getDomainUuid(), snapshot.getName()));
      publish(EventKind.EVENT_KIND_SNAPSHOT_REMOVED, snapshot);
    }
  }

  /** Tells of every snapshot of a domain that it is shown from now on, or no more. */
  void tell(EventKind kind, String domainUuid) {
    list(domainUuid).forEach(snapshot -> publish(kind, snapshot));
  }

  private void unmark(Snapshot snapshot) {
    snapshot.getDisksList().forEach(disk -> lost.remove(key(snapshot, disk.getTarget())));
  }

  private Snapshot keep(Snapshot snapshot) {
    return Objects.requireNonNull(
        snapshots.compute(
            key(snapshot.getDomainUuid(), snapshot.getName()), (_, _) -> marked(snapshot)));
  }

  private static void delete(StoreTransaction transaction, Snapshot snapshot) {
    snapshot
        .getDisksList()
        .forEach(disk -> transaction.delete(LOST, key(snapshot, disk.getTarget())));
    transaction.delete(COLLECTION, key(snapshot.getDomainUuid(), snapshot.getName()));
  }

  private static void put(StoreTransaction transaction, Snapshot snapshot) {
    transaction.put(
        COLLECTION, key(snapshot.getDomainUuid(), snapshot.getName()), snapshot.toByteString());
  }

  private static String key(String domainUuid, String name) {
    return domainUuid + "/" + name;
  }

  private static String key(Snapshot snapshot, String disk) {
    return snapshot.getDomainUuid() + "/" + disk + "/" + snapshot.getName();
  }

  private static String key(LostMoment moment) {
    return moment.domainUuid() + "/" + moment.disk() + "/" + moment.snapshot();
  }

  private void publish(EventKind kind, Snapshot snapshot) {
    events.publish(new DriverEvent.SnapshotEvent(clock.instant(), kind, snapshot));
  }
}
