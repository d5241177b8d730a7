package dev.drover.qemu.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When whoever needs it learns that events have been dealt with. */
class EventSubscriptionTest {

  private final EventFeed feed = new EventFeed();
  private final EventSubscription events = feed.subscription();

  private void fetch() {
    assertThat(events.next(Duration.ZERO)).isPresent();
  }

  @Test
  @DisplayName("An event has been dealt with when its consumer asks for the next one")
  void dealtWith() {
    assertThat(events.dealtWith()).isCompleted();
    feed.occurs("STOP", "{}");
    CompletableFuture<Boolean> first = events.dealtWith();
    feed.occurs("RESUME", "{}");
    CompletableFuture<Boolean> both = events.dealtWith();

    fetch();
    assertThat(first).isNotDone();
    assertThat(events.dealtWith()).isNotDone();

    fetch();
    assertThat(first).isCompleted();
    assertThat(both).isNotDone();

    assertThat(events.next(Duration.ZERO)).isEmpty();
    assertThat(both).isCompleted();
    assertThat(events.dealtWith()).isCompleted();
  }

  @Test
  @DisplayName("Where the connection ends, what it told before is dealt with first")
  void disconnected() {
    feed.occurs("STOP", "{}");
    feed.ends();
    CompletableFuture<Boolean> dealtWith = events.dealtWith();

    fetch();
    assertThat(dealtWith).isNotDone();

    fetch();
    assertThat(dealtWith).isCompleted();
  }

  @Test
  @DisplayName("Nobody waits for a consumer that has left")
  void closed() {
    feed.occurs("STOP", "{}");
    CompletableFuture<Boolean> dealtWith = events.dealtWith();

    events.close();

    assertThat(dealtWith).isCompleted();
    assertThat(events.dealtWith()).isCompleted();
  }
}
