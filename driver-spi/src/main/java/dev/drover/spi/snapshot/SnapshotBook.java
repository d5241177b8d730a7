package dev.drover.spi.snapshot;

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
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The durable register of a driver's snapshots. Changes are written into a transaction that the
 * driver opens, so that they stand or fall with the chain they describe (R8), and shown with {@link
 * #settle} once that has been committed. Safe for any number of threads; changes of one domain are
 * ordered by its lane.
 */
public final class SnapshotBook {

  private static final String COLLECTION = "snapshots";

  private final InstantSource clock;
  private final EventSink events;
  private final Map<String, Snapshot> snapshots = new ConcurrentHashMap<>();

  /** Makes a register with every snapshot the store holds. */
  public SnapshotBook(Store store, InstantSource clock, EventSink events) {
    this.clock = clock;
    this.events = events;
    for (StoreRecord stored : store.list(COLLECTION)) {
      try {
        snapshots.put(stored.key(), Snapshot.parseFrom(stored.content()));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("snapshot " + stored.key() + " is unreadable", e);
      }
    }
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

  /** Every snapshot. */
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

  /** A change that was written into a transaction and is not shown yet. */
  public record Change(List<Snapshot> updated, List<Snapshot> created, List<Snapshot> removed) {

    /** Copies the lists. */
    public Change {
      updated = List.copyOf(updated);
      created = List.copyOf(created);
      removed = List.copyOf(removed);
    }
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
    put(transaction, snapshot);
    return new Change(updated, List.of(snapshot), List.of());
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

  /** Removes the records of all snapshots of a domain. */
  public Change removeAll(StoreTransaction transaction, String domainUuid) {
    List<Snapshot> gone = list(domainUuid);
    for (Snapshot snapshot : gone) {
      transaction.delete(COLLECTION, key(domainUuid, snapshot.getName()));
    }
    return new Change(List.of(), List.of(), gone);
  }

  /** Shows a change whose transaction has been committed. */
  public void settle(Change change) {
    for (Snapshot snapshot : change.updated()) {
      snapshots.put(key(snapshot.getDomainUuid(), snapshot.getName()), snapshot);
      publish(EventKind.EVENT_KIND_SNAPSHOT_UPDATED, snapshot);
    }
    for (Snapshot snapshot : change.created()) {
      snapshots.put(key(snapshot.getDomainUuid(), snapshot.getName()), snapshot);
      publish(EventKind.EVENT_KIND_SNAPSHOT_CREATED, snapshot);
    }
    for (Snapshot snapshot : change.removed()) {
      snapshots.remove(key(snapshot.getDomainUuid(), snapshot.getName()));
      publish(EventKind.EVENT_KIND_SNAPSHOT_REMOVED, snapshot);
    }
  }

  private static void put(StoreTransaction transaction, Snapshot snapshot) {
    transaction.put(
        COLLECTION, key(snapshot.getDomainUuid(), snapshot.getName()), snapshot.toByteString());
  }

  private static String key(String domainUuid, String name) {
    return domainUuid + "/" + name;
  }

  private void publish(EventKind kind, Snapshot snapshot) {
    events.publish(new DriverEvent.SnapshotEvent(clock.instant(), kind, snapshot));
  }
}
