package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.v1.Event;
import dev.drover.v1.EventKind;
import dev.drover.v1.ResyncReason;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import dev.drover.v1.WatchResponse.MessageCase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventWatchTest { // R6, R7
  private static final Event STARTED =
      Event.newBuilder().setKind(EventKind.EVENT_KIND_DOMAIN_STARTED).build();

  private final FakeDaemon daemon = new FakeDaemon();
  private final Drover drover = daemon.connect();

  @AfterEach
  void close() throws InterruptedException {
    drover.close();
    daemon.close();
  }

  @Test
  void theStateComesFirstAndThenEveryChange() {
    try (EventWatch watch = drover.watch(WatchRequest.getDefaultInstance())) {
      assertThat(cases(watch, 4))
          .containsExactly(
              MessageCase.RESYNC, MessageCase.EXISTING, MessageCase.EXISTING, MessageCase.BOOKMARK);

      long revision = daemon.events.publish(STARTED);

      assertThat(watch.next())
          .hasValueSatisfying(message -> assertThat(message.getEvent()).isEqualTo(STARTED));
      assertThat(watch.revision()).isEqualTo(revision);
    }
  }

  @Test
  void afterARestartTheWatchGoesOnBehindTheRevisionReceivedLast() throws InterruptedException {
    List<DroverException> lost = new CopyOnWriteArrayList<>();
    try (EventWatch watch =
        drover.watch(WatchRequest.getDefaultInstance()).onConnectionLost(lost::add)) {
      cases(watch, 4);
      long seen = daemon.events.publish(STARTED);
      watch.next();

      daemon.stop();
      long missed = daemon.events.publish(STARTED);
      daemon.start();

      assertThat(watch.next())
          .hasValueSatisfying(message -> assertThat(message.getRevision()).isEqualTo(missed));
      assertThat(daemon.events.requests.getLast().getResumeRevision()).isEqualTo(seen);
      assertThat(lost).hasSize(1);
    }
  }

  @Test
  void aStateThatBrokeOffIsBegunAnew() throws InterruptedException {
    daemon.events.breakNextState();
    try (EventWatch watch = drover.watch(WatchRequest.getDefaultInstance())) {
      assertThat(cases(watch, 2)).containsExactly(MessageCase.RESYNC, MessageCase.EXISTING);

      daemon.stop();
      daemon.start();

      assertThat(cases(watch, 4))
          .containsExactly(
              MessageCase.RESYNC, MessageCase.EXISTING, MessageCase.EXISTING, MessageCase.BOOKMARK);
      assertThat(daemon.events.requests.getLast().getResumeRevision()).isZero();
    }
  }

  @Test
  void aResyncInTheMiddleReachesTheCaller() {
    try (EventWatch watch = drover.watch(WatchRequest.getDefaultInstance())) {
      cases(watch, 4);

      daemon.events.resyncAll();

      assertThat(watch.next())
          .hasValueSatisfying(
              message ->
                  assertThat(message.getResync().getReason())
                      .isEqualTo(ResyncReason.RESYNC_REASON_SLOW_CONSUMER));
    }
  }

  @Test
  void aLiveWatchResumesFromWhereItBegan() throws InterruptedException {
    try (EventWatch watch = drover.watch(WatchRequest.newBuilder().setLiveOnly(true).build())) {
      WatchResponse beginning = watch.next().orElseThrow();
      assertThat(beginning.getMessageCase()).isEqualTo(MessageCase.BOOKMARK);
      long seen = beginning.getRevision();

      daemon.stop();
      long missed = daemon.events.publish(STARTED);
      daemon.start();

      assertThat(watch.next().orElseThrow().getRevision()).isEqualTo(missed);
      assertThat(daemon.events.requests.getLast())
          .isEqualTo(WatchRequest.newBuilder().setResumeRevision(seen).build());
    }
  }

  @Test
  void waitingWithATimeLimitEndsAndTheWatchGoesOn() throws TimeoutException {
    try (EventWatch watch = drover.watch(WatchRequest.newBuilder().setLiveOnly(true).build())) {
      assertThat(watch.next()).isPresent();
      assertThatExceptionOfType(TimeoutException.class)
          .isThrownBy(() -> watch.next(Duration.ofMillis(20)));
      await().until(() -> daemon.events.watchers() == 1);

      daemon.events.publish(STARTED);

      assertThat(watch.next(Duration.ofSeconds(30))).isPresent();
    }
  }

  @Test
  void closingEndsAReaderThatWaits() throws InterruptedException {
    EventWatch watch = drover.watch(WatchRequest.newBuilder().setLiveOnly(true).build());
    List<WatchResponse> received = new CopyOnWriteArrayList<>();
    Thread reader = Thread.ofVirtual().start(() -> watch.forEach(received::add));
    await().until(() -> daemon.events.watchers() == 1);

    watch.close();

    assertThat(reader.join(Duration.ofSeconds(30))).isTrue();
    assertThat(received).noneMatch(WatchResponse::hasEvent);
  }

  @Test
  void closingTheConnectionEndsItsWatches() throws InterruptedException {
    EventWatch watch = drover.watch(WatchRequest.newBuilder().setLiveOnly(true).build());
    watch.next();
    Thread reader = Thread.ofVirtual().start(watch::next);
    await().until(() -> daemon.events.watchers() == 1);

    drover.close();

    assertThat(reader.join(Duration.ofSeconds(30))).isTrue();
    await().until(() -> daemon.events.watchers() == 0);
  }

  private static List<MessageCase> cases(EventWatch watch, int count) {
    List<MessageCase> cases = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      cases.add(watch.next().orElseThrow().getMessageCase());
    }
    return cases;
  }
}
