package dev.drover.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.event.DriverEvent;
import dev.drover.v1.Domain;
import dev.drover.v1.EventKind;
import dev.drover.v1.ResyncReason;
import dev.drover.v1.WatchResponse;
import dev.drover.v1.WatchedObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** R6: what a stream sends, in which order, and from where it can be resumed. */
class WatchSourceTest {

  private static final long SEED = 1000;
  private static final WatchFilter ALL =
      new WatchFilter(Set.of(), domains(Optional.empty()), Viewers.ALL);

  private final EventHub hub = new EventHub(SEED, 4);
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final WatchState state =
      _ ->
          List.of(
                  WatchedObject.newBuilder().setDomain(Domain.getDefaultInstance()).build(),
                  WatchedObject.newBuilder().setDomain(Domain.getDefaultInstance()).build())
              .iterator();

  private static DomainChoice domains(Optional<DomainChoice.Named> named) {
    return new DomainChoice(named, _ -> true, Map.of(), (_, _) -> Map.of());
  }

  private void event() {
    hub.publish(
        new DriverEvent.DomainEvent(
            now.get(), EventKind.EVENT_KIND_DOMAIN_UPDATED, Domain.getDefaultInstance()));
  }

  private WatchSource fromState() {
    return WatchSource.fromState(hub, state, ALL, now::get);
  }

  private static WatchResponse next(WatchSource source) {
    return source.next().orElseThrow();
  }

  @Test
  void aStreamThatBreaksDuringTheStateBeginsAnewWhenResumed() {
    event();
    WatchSource source = fromState();
    assertThat(next(source).getRevision()).isZero();
    assertThat(next(source).getRevision()).isZero();
    assertThat(next(source).getRevision()).isZero();
    assertThat(next(source).getRevision()).isEqualTo(SEED + 1);
    assertThat(source.next()).isEmpty();
  }

  @Test
  void whatHappensDuringTheStateFollowsIt() {
    WatchSource source = fromState();
    next(source);
    event();
    next(source);
    next(source);
    assertThat(next(source).getBookmark().getStateComplete()).isTrue();
    assertThat(next(source).getEvent().getKind()).isEqualTo(EventKind.EVENT_KIND_DOMAIN_UPDATED);
  }

  @Test
  void aSlowConsumerGetsTheStateAnewAndThenGoesOn() {
    WatchSource source = WatchSource.after(hub, state, ALL, now::get, SEED);
    for (int i = 0; i < 10; i++) {
      event();
    }
    WatchResponse resync = next(source);
    assertThat(resync.getResync().getReason()).isEqualTo(ResyncReason.RESYNC_REASON_SLOW_CONSUMER);
    assertThat(resync.getRevision()).isEqualTo(SEED);
    next(source);
    next(source);
    assertThat(next(source).getRevision()).isEqualTo(SEED + 10);
    event();
    assertThat(next(source).getRevision()).isEqualTo(SEED + 11);
  }

  @Test
  void aQuietStreamCarriesABookmarkEveryFifteenSeconds() {
    WatchSource source = WatchSource.after(hub, state, ALL, now::get, SEED);
    assertThat(source.next()).isEmpty();
    now.set(now.get().plusSeconds(14));
    assertThat(source.next()).isEmpty();
    assertThat(source.untilQuiet()).isEqualTo(Duration.ofSeconds(1));
    now.set(now.get().plusSeconds(1));
    WatchResponse bookmark = next(source);
    assertThat(bookmark.hasBookmark()).isTrue();
    assertThat(bookmark.getBookmark().getStateComplete()).isFalse();
    assertThat(source.next()).isEmpty();
  }

  @Test
  void aStreamWithoutTheStateSaysWhereItBegins() { // R6
    event();
    WatchSource source = WatchSource.live(hub, state, ALL, now::get);
    event();

    WatchResponse beginning = next(source);
    assertThat(beginning.hasBookmark()).isTrue();
    assertThat(beginning.getBookmark().getStateComplete()).isFalse();
    assertThat(beginning.getRevision()).isEqualTo(SEED + 1);
    assertThat(next(source).getRevision()).isEqualTo(SEED + 2);
    assertThat(source.next()).isEmpty();
  }

  /** A thousand watchers of one event are not a thousand messages in memory. */
  @Test
  void streamsThatShowAnEventAreSentOneMessage() {
    WatchSource one = WatchSource.after(hub, state, ALL, now::get, SEED);
    event();
    WatchSource late = WatchSource.after(hub, state, ALL, now::get, SEED);
    WatchResponse first = next(one);
    assertThat(first.getRevision()).isEqualTo(SEED + 1);
    assertThat(next(late)).isSameAs(first);
  }

  /** Events that a filter hides still move the place from which the stream can be resumed. */
  @Test
  void bookmarksOfFilteredStreamsMoveOn() {
    WatchFilter other =
        new WatchFilter(
            Set.of(), domains(Optional.of(new DomainChoice.Named("other", ""))), Viewers.ALL);
    WatchSource source = WatchSource.after(hub, state, other, now::get, SEED);
    event();
    event();
    assertThat(source.next()).isEmpty();
    now.set(now.get().plusSeconds(15));
    assertThat(next(source).getRevision()).isEqualTo(SEED + 2);
  }
}
