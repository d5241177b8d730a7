package dev.drover.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.event.DriverEvent;
import dev.drover.v1.Domain;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** R6: one order, bounded memory, gaps that are told. */
class EventHubTest {

  private static final long SEED = 1000;
  private final EventHub hub = new EventHub(SEED, 4);

  private void domain() {
    hub.publish(
        new DriverEvent.DomainEvent(
            Instant.EPOCH, EventKind.EVENT_KIND_DOMAIN_UPDATED, Domain.getDefaultInstance()));
  }

  private void progress(String id) {
    hub.publish(
        new DriverEvent.JobEvent(
            Instant.EPOCH,
            EventKind.EVENT_KIND_JOB_PROGRESSED,
            Job.newBuilder().setId(id).build()));
  }

  @Test
  void readersGetEveryEventAfterTheirPlaceInOrder() {
    domain();
    domain();
    domain();
    EventHub.Batch batch = hub.after(SEED + 1, 10);
    assertThat(batch.gap()).isFalse();
    assertThat(batch.events()).extracting(StampedEvent::revision).containsExactly(1002L, 1003L);
    assertThat(batch.place()).isEqualTo(1003);
  }

  @Test
  void aReaderOfTheNewestHasNothingToRead() {
    domain();
    EventHub.Batch batch = hub.after(SEED + 1, 10);
    assertThat(batch.gap()).isFalse();
    assertThat(batch.events()).isEmpty();
    assertThat(batch.place()).isEqualTo(SEED + 1);
  }

  @Test
  void aBatchIsNoLargerThanAskedFor() {
    domain();
    domain();
    EventHub.Batch batch = hub.after(SEED, 1);
    assertThat(batch.events()).hasSize(1);
    assertThat(batch.place()).isEqualTo(SEED + 1);
  }

  @Test
  void aReaderThatFellBehindIsToldOfTheGap() {
    for (int i = 0; i < 6; i++) {
      domain();
    }
    assertThat(hub.after(SEED, 10).gap()).isTrue();
    assertThat(hub.holdsAfter(SEED + 1)).isFalse();
    assertThat(hub.holdsAfter(SEED + 2)).isTrue();
    assertThat(hub.after(SEED + 2, 10).events()).hasSize(4);
  }

  @Test
  void placesOfAnotherRunAreGaps() {
    assertThat(hub.holdsAfter(SEED - 1)).isFalse();
    assertThat(hub.holdsAfter(SEED)).isTrue();
    assertThat(hub.holdsAfter(SEED + 1)).isFalse();
  }

  @Test
  void progressOfAJobIsHeldOnceAndPushesNothingOut() {
    domain();
    for (int i = 0; i < 100; i++) {
      progress("a");
      progress("b");
    }
    EventHub.Batch batch = hub.after(SEED, 10);
    assertThat(batch.gap()).isFalse();
    assertThat(batch.events()).hasSize(3);
    assertThat(batch.place()).isEqualTo(SEED + 201);
  }

  @Test
  void listenersHearOfEveryPublicationUntilTheyLeave() {
    AtomicInteger heard = new AtomicInteger();
    try (EventHub.Registration _ = hub.onPublish(heard::incrementAndGet)) {
      domain();
      domain();
    }
    domain();
    assertThat(heard).hasValue(2);
  }
}
