package dev.drover.spi.snapshot;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.FakeTime;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class SnapshotBookTest {

  private final FakeTime time = new FakeTime();
  private final MemoryStore store = new MemoryStore();
  private final List<DriverEvent> events = new CopyOnWriteArrayList<>();
  private final SnapshotBook book = new SnapshotBook(store, time, events::add);

  @Test
  void newestSnapshotIsCurrentAndKnowsItsParent() {
    add("z-first");
    add("a-second");
    assertThat(book.list("u"))
        .extracting(Snapshot::getName, Snapshot::getParent, Snapshot::getCurrent)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("z-first", "", false),
            org.assertj.core.groups.Tuple.tuple("a-second", "z-first", true));
    assertThat(book.current("u")).map(Snapshot::getName).contains("a-second");
    assertThat(kinds())
        .containsExactly(
            EventKind.EVENT_KIND_SNAPSHOT_CREATED,
            EventKind.EVENT_KIND_SNAPSHOT_UPDATED,
            EventKind.EVENT_KIND_SNAPSHOT_CREATED);
  }

  @Test
  void revertedSnapshotIsCurrentWhereItStands() {
    add("one");
    add("two");
    events.clear();
    makeCurrent("one");
    assertThat(book.list("u"))
        .extracting(Snapshot::getName, Snapshot::getParent, Snapshot::getCurrent)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("one", "", true),
            org.assertj.core.groups.Tuple.tuple("two", "one", false));
    assertThat(kinds())
        .containsExactly(
            EventKind.EVENT_KIND_SNAPSHOT_UPDATED, EventKind.EVENT_KIND_SNAPSHOT_UPDATED);
    add("three");
    assertThat(book.current("u")).map(Snapshot::getParent).contains("one");
    assertThat(new SnapshotBook(store, time, events::add).list("u")).isEqualTo(book.list("u"));

    events.clear();
    makeCurrent("three");
    assertThat(events).isEmpty();
  }

  private void makeCurrent(String name) {
    List<SnapshotBook.Change> changes = new ArrayList<>();
    store.transact(transaction -> changes.add(book.makeCurrent(transaction, "u", name)));
    changes.forEach(book::settle);
  }

  @Test
  void aSnapshotIsRenamedWithItsPlaceInTheTree() {
    add("one");
    add("two");
    add("three");
    events.clear();
    Snapshot old = book.require("u", "guest", "one");
    book.change(
        transaction -> book.rename(transaction, old, old.toBuilder().setName("uno").build()));

    assertThat(book.list("u"))
        .extracting(Snapshot::getName, Snapshot::getParent, Snapshot::getCurrent)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("uno", "", false),
            org.assertj.core.groups.Tuple.tuple("two", "uno", false),
            org.assertj.core.groups.Tuple.tuple("three", "two", true));
    assertThat(kinds())
        .containsExactly(
            EventKind.EVENT_KIND_SNAPSHOT_UPDATED,
            EventKind.EVENT_KIND_SNAPSHOT_CREATED,
            EventKind.EVENT_KIND_SNAPSHOT_REMOVED);
    assertThat(new SnapshotBook(store, time, events::add).list("u")).isEqualTo(book.list("u"));

    Snapshot second = book.require("u", "guest", "two");
    book.change(
        transaction ->
            book.rename(
                transaction, second, second.toBuilder().setName("due").setCurrent(true).build()));
    assertThat(book.list("u"))
        .extracting(Snapshot::getName, Snapshot::getParent, Snapshot::getCurrent)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("uno", "", false),
            org.assertj.core.groups.Tuple.tuple("due", "uno", true),
            org.assertj.core.groups.Tuple.tuple("three", "due", false));
  }

  @Test
  void snapshotsSurviveARestart() {
    add("one");
    add("two");
    assertThat(new SnapshotBook(store, time, events::add).list("u")).isEqualTo(book.list("u"));
  }

  @Test
  void changeWhoseTransactionFailsIsNeverShown() {
    // G1
    assertThatThrownBy(
            () ->
                store.transact(
                    transaction -> {
                      book.add(transaction, draft("one"));
                      throw new IllegalStateException("full");
                    }))
        .hasMessage("full");
    assertThat(book.listAll()).isEmpty();
    assertThat(new SnapshotBook(store, time, events::add).listAll()).isEmpty();
    assertThat(events).isEmpty();
  }

  @Test
  void namesAreUniqueWithinADomain() {
    add("one");
    refused(
        ErrorReason.ERROR_REASON_SNAPSHOT_ALREADY_EXISTS,
        () -> book.requireUnused("u", "guest", "one"));
    book.requireUnused("v", "other", "one");
    refused(ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND, () -> book.require("v", "other", "one"));
    assertThat(book.require("u", "guest", "one").getName()).isEqualTo("one");
  }

  @Test
  void allRecordsOfADomainGoTogether() {
    add("one");
    add("two");
    List<SnapshotBook.Change> changes = new ArrayList<>();
    store.transact(transaction -> changes.add(book.removeAll(transaction, "u")));
    changes.forEach(book::settle);
    assertThat(book.listAll()).isEmpty();
    assertThat(new SnapshotBook(store, time, events::add).listAll()).isEmpty();
    assertThat(kinds())
        .endsWith(EventKind.EVENT_KIND_SNAPSHOT_REMOVED, EventKind.EVENT_KIND_SNAPSHOT_REMOVED);
  }

  private void add(String name) {
    time.pass(Duration.ofSeconds(1));
    List<SnapshotBook.Change> changes = new ArrayList<>();
    store.transact(transaction -> changes.add(book.add(transaction, draft(name))));
    changes.forEach(book::settle);
  }

  private Snapshot draft(String name) {
    return Snapshot.newBuilder()
        .setName(name)
        .setDomainUuid("u")
        .setDomainName("guest")
        .setCreateTime(ProtoTimes.timestamp(time.instant()))
        .build();
  }

  private List<EventKind> kinds() {
    return events.stream().map(DriverEvent::kind).toList();
  }
}
