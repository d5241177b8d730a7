package dev.drover.spi.snapshot;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.FakeTime;
import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Snapshot;
import dev.drover.v1.UndefineDomainRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R9: a tree of snapshots outlives its domain's definition where that is wanted. */
class SnapshotUndefineTest {

  private static final DomainSpec SPEC =
      DomainSpec.newBuilder().setName("guest").setUuid("u").build();
  private static final UndefineDomainRequest KEEP =
      UndefineDomainRequest.newBuilder().setKeepSnapshots(true).build();

  private final FakeTime time = new FakeTime();
  private final MemoryStore store = new MemoryStore();
  private final List<DriverEvent> events = new CopyOnWriteArrayList<>();
  private DomainBook domains = new DomainBook(store, time, events::add);
  private SnapshotBook snapshots = new SnapshotBook(store, time, events::add);
  private SnapshotUndefine work = new SnapshotUndefine(domains, snapshots);

  @BeforeEach
  void domainWithTwoSnapshots() {
    var _ = work.define(SPEC, "");
    add("one");
    add("two");
    domains.change("u", domain -> domain.getStatusBuilder().setSnapshotCount(2), _ -> {});
    events.clear();
  }

  private void add(String name) {
    snapshots.change(
        transaction ->
            snapshots.add(
                transaction,
                Snapshot.newBuilder()
                    .setName(name)
                    .setDomainName("guest")
                    .setDomainUuid("u")
                    .build()));
  }

  private Domain domain() {
    return domains.require("u");
  }

  private void restart() {
    domains = new DomainBook(store, time, events::add);
    snapshots = new SnapshotBook(store, time, events::add);
    work = new SnapshotUndefine(domains, snapshots);
    events.clear();
  }

  private List<EventKind> told() {
    return events.stream()
        .filter(DriverEvent.SnapshotEvent.class::isInstance)
        .map(DriverEvent::kind)
        .toList();
  }

  @Test
  void nothingIsLostUnasked() {
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_HAS_SNAPSHOTS,
        () -> work.undefine(domain(), UndefineDomainRequest.getDefaultInstance()));
    assertThat(domains.find("u")).isPresent();
  }

  @Test
  void keptRecordsComeBackWithTheNextDefinition() {
    List<Snapshot> before = snapshots.list("u");
    work.undefine(domain(), KEEP);
    assertThat(domains.find("u")).isEmpty();
    assertThat(told())
        .containsExactly(
            EventKind.EVENT_KIND_SNAPSHOT_REMOVED, EventKind.EVENT_KIND_SNAPSHOT_REMOVED);
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_HAS_SNAPSHOTS, () -> snapshots.kept().requireNone(SPEC));

    restart();
    Domain again = work.define(SPEC, "");
    assertThat(again.getStatus().getSnapshotCount()).isEqualTo(2);
    assertThat(snapshots.list("u")).isEqualTo(before);
    assertThat(told())
        .containsExactly(
            EventKind.EVENT_KIND_SNAPSHOT_CREATED, EventKind.EVENT_KIND_SNAPSHOT_CREATED);
    assertThat(snapshots.kept().has("u")).isFalse();
    snapshots.kept().requireNone(SPEC);
  }

  @Test
  void theyAreThoseOfTheUuidWhateverItsName() {
    work.undefine(domain(), KEEP);
    var _ = work.define(SPEC.toBuilder().setName("renamed").build(), "");
    assertThat(snapshots.list("u")).extracting(Snapshot::getDomainName).containsOnly("renamed");
  }

  @Test
  void removedRecordsDoNot() {
    work.undefine(domain(), UndefineDomainRequest.newBuilder().setSnapshotsMetadata(true).build());
    assertThat(snapshots.list("u")).isEmpty();
    assertThat(work.define(SPEC, "").getStatus().getSnapshotCount()).isZero();
  }

  @Test
  void aTransientDomainLosesThemAtItsEndUnlessTheyAreKept() {
    run();
    work.undefine(domain(), KEEP);
    assertThat(told()).isEmpty();
    work.ended("u");
    assertThat(snapshots.list("u")).hasSize(2);
    domains.remove("u");

    var _ = work.define(SPEC, "");
    run();
    work.undefine(domain(), UndefineDomainRequest.getDefaultInstance());
    work.ended("u");
    assertThat(snapshots.list("u")).isEmpty();
  }

  private void run() {
    var _ =
        domains.observe(
            "u",
            EventKind.EVENT_KIND_DOMAIN_STARTED,
            status -> status.setId(1).setState(DomainState.DOMAIN_STATE_RUNNING));
  }
}
