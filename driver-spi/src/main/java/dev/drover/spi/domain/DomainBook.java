package dev.drover.spi.domain;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import dev.drover.spi.DriverLimits;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.NotFound;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.event.EventSink;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Acceleration;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStateReason;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * The register of a driver's domains: definitions durably, status in memory. It keeps names and
 * uuids unique, makes etags, and tells every change.
 *
 * <p>Safe for any number of threads. Changes are ordered by one lock, held across the write to the
 * daemon's own store and nothing else; reads take no lock. What orders work on the hypervisor are
 * {@link DomainLanes}.
 */
public final class DomainBook {

  private static final String COLLECTION = "domains";
  private static final String COUNTERS = "counters";
  private static final String LAST_ID = "last-domain-id";

  private final Store store;
  private final InstantSource clock;
  private final EventSink events;
  private final int mostDomains;
  private final Map<String, Domain> byUuid = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();

  /** Makes a register with every definition the store holds, all shut off. */
  public DomainBook(Store store, InstantSource clock, EventSink events) {
    this(store, clock, events, DriverLimits.NONE);
  }

  /** The same with a limit on what may be entered; what the store holds is there in any case. */
  public DomainBook(Store store, InstantSource clock, EventSink events, DriverLimits limits) {
    this.mostDomains = limits.domains();
    this.store = store;
    this.clock = clock;
    this.events = events;
    for (StoreRecord stored : store.list(COLLECTION)) {
      try {
        Domain domain = Domain.parseFrom(stored.content());
        byUuid.put(stored.key(), domain);
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("domain " + stored.key() + " is unreadable", e);
      }
    }
  }

  /** Every domain. */
  public List<Domain> list() {
    return List.copyOf(byUuid.values());
  }

  /** The domain of a uuid, in upper or lower case. */
  public Optional<Domain> find(String uuid) {
    return Optional.ofNullable(byUuid.get(uuid))
        .or(
            () ->
                byUuid.values().stream()
                    .filter(domain -> domain.getSpec().getUuid().equalsIgnoreCase(uuid))
                    .findFirst());
  }

  /**
   * The domain that a request means.
   *
   * @throws DriverException DOMAIN_NOT_FOUND
   */
  public Domain require(DomainRef ref) {
    Optional<Domain> found =
        switch (ref.getRefCase()) {
          case NAME ->
              byUuid.values().stream()
                  .filter(domain -> domain.getSpec().getName().equals(ref.getName()))
                  .findFirst();
          case UUID -> find(ref.getUuid());
          case ID ->
              byUuid.values().stream()
                  .filter(domain -> ref.getId() != 0 && domain.getStatus().getId() == ref.getId())
                  .findFirst();
          case REF_NOT_SET -> Optional.empty();
        };
    return found.orElseThrow(() -> NotFound.domain(ref));
  }

  /**
   * The domain of a uuid.
   *
   * @throws DriverException DOMAIN_NOT_FOUND
   */
  public Domain require(String uuid) {
    return find(uuid).orElseThrow(() -> NotFound.domain(uuid));
  }

  /**
   * The spec as it is stored: what it leaves open is filled in, and the domain that already has its
   * name lends it its uuid (R24). A uuid is written as the domain that has it writes it, a new one
   * in lower case.
   *
   * @param random where uuids and MAC addresses are drawn from
   */
  public DomainSpec complete(DomainSpec spec, RandomGenerator random) {
    Optional<DomainSpec> stored =
        spec.getUuid().isEmpty()
            ? byUuid.values().stream()
                .map(Domain::getSpec)
                .filter(known -> known.getName().equals(spec.getName()))
                .findFirst()
            : find(spec.getUuid()).map(Domain::getSpec);
    return DomainSpecDefaults.complete(spec, stored, random);
  }

  /**
   * The domain that a spec would replace or make, as it would be stored.
   *
   * @param spec the spec, with its uuid and every default filled in
   * @param etag etag that the stored domain must have; empty: any
   * @throws DriverException DOMAIN_ALREADY_EXISTS, ETAG_MISMATCH, or LIMIT_EXCEEDED where it would
   *     be one domain too many
   */
  public Domain preview(DomainSpec spec, String etag) {
    return preview(spec, etag, 0);
  }

  private Domain preview(DomainSpec spec, String etag, int snapshots) {
    requireUnique(spec);
    Optional<Domain> stored = find(spec.getUuid());
    if (stored.isEmpty()) {
      requireRoom();
    }
    String current = stored.map(Domain::getEtag).orElse("");
    if (!etag.isEmpty() && !etag.equals(current)) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_ETAG_MISMATCH,
          "domain '%s' was changed since it was read; read it again and repeat the change"
              .formatted(spec.getName()),
          "domain",
          spec.getName(),
          "etag",
          current);
    }
    Domain.Builder result =
        stored
            .map(Domain::toBuilder)
            .orElseGet(
                () ->
                    Domain.newBuilder()
                        .setStatus(
                            DomainStatus.newBuilder()
                                .setState(DomainState.DOMAIN_STATE_SHUT_OFF)
                                .setSnapshotCount(snapshots)
                                .setStateTime(now())
                                .setObservedTime(now())));
    result.setSpec(spec);
    result.getStatusBuilder().setPersistent(true);
    return withEtag(result);
  }

  /**
   * Refuses one domain more where there are as many as may be (R29).
   *
   * @throws DriverException LIMIT_EXCEEDED
   */
  public void requireRoom() {
    if (mostDomains > 0 && byUuid.size() >= mostDomains) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_LIMIT_EXCEEDED,
          "there are %d domains already; undefine some, or raise limits.domains of the daemon"
              .formatted(byUuid.size()),
          "limit",
          "domains",
          "maximum",
          Integer.toString(mostDomains));
    }
  }

  /** Stores a definition; see {@link #preview}. */
  public Domain define(DomainSpec spec, String etag) {
    return define(spec, etag, 0, _ -> {});
  }

  /**
   * Stores a definition; see {@link #preview}.
   *
   * @param snapshots number of snapshots that it has where it is new
   * @param journal what else is written in the same transaction, where there is anything to store
   */
  public Domain define(
      DomainSpec spec, String etag, int snapshots, Consumer<StoreTransaction> journal) {
    lock.lock();
    try {
      Domain domain = preview(spec, etag, snapshots);
      boolean unchanged = find(spec.getUuid()).filter(domain::equals).isPresent();
      if (unchanged) {
        return domain;
      }
      store.transact(
          transaction -> {
            write(transaction, domain);
            journal.accept(transaction);
          });
      return settle(EventKind.EVENT_KIND_DOMAIN_DEFINED, domain);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Enters a transient domain, which the store never sees.
   *
   * @throws DriverException DOMAIN_ALREADY_EXISTS also for the same uuid
   */
  public Domain addTransient(DomainSpec spec) {
    lock.lock();
    try {
      requireUnique(spec);
      find(spec.getUuid())
          .ifPresent(
              known -> {
                throw alreadyExists(spec, known);
              });
      Domain domain =
          withEtag(
              Domain.newBuilder()
                  .setSpec(spec)
                  .setStatus(
                      DomainStatus.newBuilder()
                          .setState(DomainState.DOMAIN_STATE_SHUT_OFF)
                          .setStateTime(now())
                          .setObservedTime(now())));
      byUuid.put(spec.getUuid(), domain);
      return domain;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Removes the stored definition: a domain with a number goes on as transient, another one is gone
   * (F1).
   *
   * @param journal what the driver removes in the same transaction
   */
  public void undefine(String uuid, Consumer<StoreTransaction> journal) {
    lock.lock();
    try {
      Domain domain = require(uuid);
      store.transact(
          transaction -> {
            transaction.delete(COLLECTION, uuid);
            journal.accept(transaction);
          });
      Domain.Builder builder = domain.toBuilder();
      builder.getStatusBuilder().setPersistent(false).setAutostart(false);
      if (domain.getStatus().getId() != 0) {
        if (domain.getStatus().hasLiveSpec()) {
          builder.setSpec(domain.getStatus().getLiveSpec());
        }
        settle(EventKind.EVENT_KIND_DOMAIN_UNDEFINED, withEtag(builder));
      } else {
        Domain gone = builder.build();
        publish(EventKind.EVENT_KIND_DOMAIN_UNDEFINED, gone, gone);
        drop(gone);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Forgets a transient domain that has ended. */
  public void remove(String uuid) {
    lock.lock();
    try {
      find(uuid).ifPresent(this::drop);
    } finally {
      lock.unlock();
    }
  }

  /** Changes a domain's status, in memory, and tells it. */
  public Domain observe(String uuid, EventKind kind, Consumer<DomainStatus.Builder> edit) {
    lock.lock();
    try {
      Domain current = require(uuid);
      Domain.Builder builder = current.toBuilder();
      edit.accept(builder.getStatusBuilder());
      builder.getStatusBuilder().setObservedTime(now());
      if (builder.getStatusBuilder().getState() != current.getStatus().getState()) {
        builder.getStatusBuilder().setStateTime(now());
      }
      return settle(kind, builder.build());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Enters that a domain's guest has begun, under a new number, with its spec as it is now.
   *
   * @param paused true where its processors stand still for the time being
   * @param acceleration what executes it
   * @param detail why it is that acceleration; empty: nothing to say
   */
  public Domain started(DomainSpec spec, boolean paused, Acceleration acceleration, String detail) {
    int id = nextId();
    return observe(
        spec.getUuid(),
        EventKind.EVENT_KIND_DOMAIN_STARTED,
        status ->
            status
                .setState(
                    paused ? DomainState.DOMAIN_STATE_PAUSED : DomainState.DOMAIN_STATE_RUNNING)
                .setReason(
                    paused
                        ? DomainStateReason.DOMAIN_STATE_REASON_STARTING_UP
                        : DomainStateReason.DOMAIN_STATE_REASON_BOOTED)
                .setDetail("")
                .setId(id)
                .setStartTime(now())
                .setAcceleration(acceleration)
                .setAccelerationDetail(detail)
                .setLiveSpec(spec)
                .setCurrentMemoryBytes(spec.getMemoryBytes()));
  }

  /**
   * Enters that a domain's guest is no more: nothing is left of what it ran as.
   *
   * @param kind how it is told
   * @param state SHUT_OFF or CRASHED
   * @param detail what a person may want to know; empty: nothing to say
   */
  public Domain ended(
      String uuid, EventKind kind, DomainState state, DomainStateReason reason, String detail) {
    return observe(
        uuid,
        kind,
        status ->
            status
                .setState(state)
                .setReason(reason)
                .setDetail(detail)
                .setId(0)
                .clearStartTime()
                .clearAcceleration()
                .clearAccelerationDetail()
                .clearLiveSpec()
                .clearCurrentMemoryBytes());
  }

  /**
   * A change of a domain's status.
   *
   * @param kind how it is told
   * @param edit what changes
   */
  public record StatusChange(EventKind kind, Consumer<DomainStatus.Builder> edit) {}

  /**
   * Changes a domain's status as its status of that very moment demands, so that two observers of
   * one happening tell it once.
   *
   * @param decision what changes, given the status as it is; empty: nothing
   * @return the domain afterwards
   */
  public Domain observe(String uuid, Function<DomainStatus, Optional<StatusChange>> decision) {
    lock.lock();
    try {
      Domain current = require(uuid);
      return decision
          .apply(current.getStatus())
          .map(change -> observe(uuid, change.kind(), change.edit()))
          .orElse(current);
    } finally {
      lock.unlock();
    }
  }

  /** Notes that the hypervisor has confirmed the status, without telling anybody. */
  public void confirm(String uuid) {
    lock.lock();
    try {
      Domain current = byUuid.get(uuid);
      if (current != null) {
        Domain.Builder builder = current.toBuilder();
        builder.getStatusBuilder().setObservedTime(now());
        byUuid.put(uuid, builder.build());
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Moves stored spec, live spec and the driver's journal in one durable step, as after a pivot or
   * a snapshot (R8).
   *
   * @param edit changes of the domain; persistent, etag and times are kept here
   * @param journal what the driver records in the same transaction
   */
  public Domain change(
      String uuid, Consumer<Domain.Builder> edit, Consumer<StoreTransaction> journal) {
    lock.lock();
    try {
      Domain current = require(uuid);
      Domain.Builder builder = current.toBuilder();
      edit.accept(builder);
      builder.getStatusBuilder().setObservedTime(now());
      Domain domain = withEtag(builder);
      store.transact(
          transaction -> {
            if (domain.getStatus().getPersistent()) {
              write(transaction, domain);
            }
            journal.accept(transaction);
          });
      return settle(EventKind.EVENT_KIND_DOMAIN_UPDATED, domain);
    } finally {
      lock.unlock();
    }
  }

  /** A number for a domain that starts; never given twice while the state exists. */
  public int nextId() {
    lock.lock();
    try {
      int last =
          store
              .read(COUNTERS, LAST_ID)
              .map(content -> Integer.parseInt(content.toStringUtf8()))
              .orElse(0);
      int next = last + 1;
      store.transact(
          transaction ->
              transaction.put(COUNTERS, LAST_ID, ByteString.copyFromUtf8(Integer.toString(next))));
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void write(StoreTransaction transaction, Domain domain) {
    Domain stored =
        domain.toBuilder()
            .setStatus(
                DomainStatus.newBuilder()
                    .setState(DomainState.DOMAIN_STATE_SHUT_OFF)
                    .setPersistent(true)
                    .setAutostart(domain.getStatus().getAutostart())
                    .setSnapshotCount(domain.getStatus().getSnapshotCount())
                    .setStateTime(domain.getStatus().getStateTime()))
            .build();
    transaction.put(COLLECTION, domain.getSpec().getUuid(), stored.toByteString());
  }

  private void requireUnique(DomainSpec spec) {
    for (Domain other : byUuid.values()) {
      boolean sameName = other.getSpec().getName().equals(spec.getName());
      boolean sameUuid = other.getSpec().getUuid().equalsIgnoreCase(spec.getUuid());
      if (sameName != sameUuid) {
        throw alreadyExists(spec, other);
      }
    }
  }

  private static DriverException alreadyExists(DomainSpec spec, Domain other) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_DOMAIN_ALREADY_EXISTS,
        "domain '%s' already exists with uuid %s; choose another name or uuid than '%s' and %s"
            .formatted(
                other.getSpec().getName(),
                other.getSpec().getUuid(),
                spec.getName(),
                spec.getUuid()),
        "domain",
        other.getSpec().getName(),
        "uuid",
        other.getSpec().getUuid());
  }

  private static Domain withEtag(Domain.Builder builder) {
    return builder.setEtag(Etags.of(builder.getSpec(), builder.getStatus().getAutostart())).build();
  }

  private Domain settle(EventKind kind, Domain domain) {
    Domain before =
        Objects.requireNonNullElse(byUuid.put(domain.getSpec().getUuid(), domain), domain);
    publish(kind, domain, before);
    return domain;
  }

  private void drop(Domain domain) {
    byUuid.remove(domain.getSpec().getUuid());
    publish(EventKind.EVENT_KIND_DOMAIN_REMOVED, domain, domain);
  }

  private void publish(EventKind kind, Domain domain, Domain before) {
    events.publish(
        new DriverEvent.DomainEvent(
            clock.instant(), kind, domain, before.getSpec().getLabelsMap()));
  }

  private Timestamp now() {
    return ProtoTimes.timestamp(clock.instant());
  }
}
