package dev.drover.server.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.drover.server.ledger.RequestLedger.Entry;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.v1.ErrorReason;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** R7: a request id runs once. */
class RequestLedgerTest {

  private static final ByteString REQUEST = ByteString.copyFromUtf8("request");
  private static final ByteString RESPONSE = ByteString.copyFromUtf8("response");

  private final MemoryStore store = new MemoryStore();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final RequestLedger ledger = open();

  private RequestLedger open() {
    return new RequestLedger(store, now::get, 3, Duration.ofHours(1));
  }

  private static RequestKey key(String id) {
    return new RequestKey("uid:1", "test", "m", id);
  }

  private Entry enter(RequestLedger in, String id, ByteString request) {
    return in.enter(key(id), request, now.get().plusSeconds(20));
  }

  private void run(String id) {
    assertThat(enter(ledger, id, REQUEST))
        .isInstanceOfSatisfying(Entry.Permit.class, permit -> permit.succeeded(RESPONSE));
  }

  @Test
  void anAnswerIsGivenAgainAlsoByTheNextDaemon() {
    run("a");
    assertThat(enter(ledger, "a", REQUEST)).isEqualTo(new Entry.Answered(RESPONSE));
    assertThat(enter(open(), "a", REQUEST)).isEqualTo(new Entry.Answered(RESPONSE));
  }

  @Test
  void anotherRequestWithTheSameIdIsRefused() {
    run("a");
    DriverException failure =
        catchThrowableOfType(
            DriverException.class, () -> enter(ledger, "a", ByteString.copyFromUtf8("another")));
    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_REQUEST_ID_REUSED);
  }

  @Test
  void idsOfDifferentCallersAreDifferent() {
    run("a");
    assertThat(
            ledger.enter(
                new RequestKey("uid:2", "test", "m", "a"), REQUEST, now.get().plusSeconds(1)))
        .isInstanceOf(Entry.Permit.class);
  }

  @Test
  void aRequestThatFailedRunsAgain() {
    assertThat(enter(ledger, "a", REQUEST))
        .isInstanceOfSatisfying(Entry.Permit.class, Entry.Permit::failed);
    assertThat(enter(ledger, "a", REQUEST)).isInstanceOf(Entry.Permit.class);
  }

  @Test
  void aDuplicateWaitsForTheFirstAndGetsItsAnswer() {
    Entry.Permit first = (Entry.Permit) enter(ledger, "a", REQUEST);
    CompletableFuture<Entry> second =
        CompletableFuture.supplyAsync(() -> enter(ledger, "a", REQUEST));
    assertThat(second).isNotDone();
    first.succeeded(RESPONSE);
    assertThat(second)
        .succeedsWithin(Duration.ofSeconds(10))
        .isEqualTo(new Entry.Answered(RESPONSE));
  }

  @Test
  void aDuplicateWaitsNoLongerThanItsDeadline() {
    enter(ledger, "a", REQUEST);
    DriverException failure =
        catchThrowableOfType(
            DriverException.class, () -> ledger.enter(key("a"), REQUEST, now.get()));
    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED);
  }

  @Test
  void theOldestAnswersGoFirst() {
    run("a");
    run("b");
    run("c");
    run("d");
    assertThat(store.list("answers")).hasSize(3);
    assertThat(enter(ledger, "a", REQUEST)).isInstanceOf(Entry.Permit.class);
    assertThat(enter(ledger, "d", REQUEST)).isInstanceOf(Entry.Answered.class);
  }

  @Test
  void anAnswerIsForgottenAfterItsTime() {
    run("a");
    now.set(now.get().plus(Duration.ofMinutes(61)));
    assertThat(enter(ledger, "a", REQUEST)).isInstanceOf(Entry.Permit.class);
  }
}
