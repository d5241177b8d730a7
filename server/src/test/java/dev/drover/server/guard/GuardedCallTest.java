package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import com.google.protobuf.ByteString;
import dev.drover.server.failure.FailureMapper;
import dev.drover.server.ledger.RequestKey;
import dev.drover.server.ledger.RequestLedger;
import dev.drover.server.ledger.RequestLedger.Entry;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.store.MemoryStore;
import dev.drover.spi.store.Store;
import dev.drover.spi.store.StoreRecord;
import dev.drover.spi.store.StoreTransaction;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.StartDomainResponse;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** R10, R18: a call ends once, whoever ends it, and what it did is on record all the same (R7). */
class GuardedCallTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final RequestKey KEY = new RequestKey("uid:1", "test", "m", "r");
  private static final ByteString REQUEST = ByteString.copyFromUtf8("request");
  private static final StartDomainResponse ANSWER =
      StartDomainResponse.newBuilder().setDomain(Domain.getDefaultInstance()).build();
  private static final CallResult ENDED_BUSY = new CallResult("ABORTED", "DOMAIN_BUSY");

  private final DriverException busy =
      DriverException.of(ErrorReason.ERROR_REASON_DOMAIN_BUSY, "busy");
  private final Transport transport = new Transport();
  private final List<CallResult> results = new ArrayList<>();
  private final GuardedCall<StartDomainRequest, StartDomainResponse> call =
      new GuardedCall<>(transport, new FailureMapper(), results::add);

  /** What goes out to the client. */
  private static final class Transport extends ServerCall<StartDomainRequest, StartDomainResponse> {
    private final List<String> sent = new ArrayList<>();
    private boolean cancelled;

    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {
      sent.add("headers");
    }

    @Override
    public void sendMessage(StartDomainResponse message) {
      sent.add("message");
    }

    @Override
    public void close(Status status, Metadata trailers) {
      sent.add(status.getCode().name());
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public MethodDescriptor<StartDomainRequest, StartDomainResponse> getMethodDescriptor() {
      return DomainServiceGrpc.getStartDomainMethod();
    }
  }

  @Test
  void anAnswerIsSentWholeAndToldAsSuccess() {
    assertThat(call.ended()).isFalse();
    call.answer(ANSWER);
    assertThat(transport.sent).containsExactly("headers", "message", "OK");
    assertThat(results).containsExactly(CallResult.SUCCEEDED);
    assertThat(call.ended()).isTrue();
  }

  @Test
  void theFirstEndCounts() {
    call.fail(busy);
    call.answer(ANSWER);
    call.abandoned();
    call.fail(new IllegalStateException("too late"));
    call.close(Status.INVALID_ARGUMENT, new Metadata());
    assertThat(transport.sent).containsExactly("ABORTED");
    assertThat(results).containsExactly(ENDED_BUSY);
  }

  @Test
  void whoHasGoneIsSentNothing() {
    call.abandoned();
    call.abandoned();
    call.answer(ANSWER);
    call.fail(busy);
    assertThat(transport.sent).isEmpty();
    assertThat(results).containsExactly(CallResult.ABANDONED);
    assertThat(call.ended()).isTrue();
  }

  @Test
  void noStepKeepsAnotherThreadOut() {
    Stream.<Consumer<GuardedCall<StartDomainRequest, StartDomainResponse>>>of(
            one -> one.sendHeaders(new Metadata()),
            one -> one.sendMessage(ANSWER),
            one -> one.fail(busy),
            GuardedCall::abandoned)
        .forEach(
            step -> {
              GuardedCall<StartDomainRequest, StartDomainResponse> shared =
                  new GuardedCall<>(new Transport(), new FailureMapper(), results::add);
              step.accept(shared);
              assertThat(CompletableFuture.runAsync(shared::abandoned))
                  .succeedsWithin(Duration.ofSeconds(20));
            });
    assertThat(results).hasSize(4);
  }

  @Test
  void aCallThatTheTransportHasCancelledIsOver() {
    transport.cancelled = true;
    assertThat(call.ended()).isTrue();
  }

  @Test
  void whatElseEndsACallGoesThroughTheOneMapper() {
    call.close(Status.INVALID_ARGUMENT.withDescription("no"), new Metadata());
    assertThat(transport.sent).containsExactly("INVALID_ARGUMENT");
    assertThat(results).containsExactly(new CallResult("INVALID_ARGUMENT", "INVALID_ARGUMENT"));
  }

  @Test
  void anAnswerIsOnRecordAlsoWhereNobodyWaitsForItAnyMore() {
    RequestLedger ledger = ledger(new MemoryStore());
    permit(ledger, call::settles);
    call.fail(busy);
    call.sendMessage(ANSWER);
    call.returned();
    assertThat(transport.sent).containsExactly("ABORTED");
    assertThat(enter(ledger)).isEqualTo(new Entry.Answered(ANSWER.toByteString()));
  }

  @Test
  void aServiceThatReturnsWithoutAnAnswerLetsTheNextOneRun() {
    RequestLedger ledger = ledger(new MemoryStore());
    permit(ledger, call::settles);
    call.returned();
    permit(ledger, _ -> {});
    // That permit is another's: it is not given back a second time.
    call.returned();
    assertThat(catchReason(() -> enter(ledger)))
        .contains(ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED);
  }

  @Test
  void whatCannotBeRecordedIsAnsweredAllTheSame() {
    RequestLedger ledger = ledger(new FullStore());
    permit(ledger, call::settles);
    assertThatNoException().isThrownBy(() -> call.answer(ANSWER));
    assertThat(transport.sent).containsExactly("headers", "message", "OK");
  }

  private static RequestLedger ledger(Store store) {
    return new RequestLedger(store, () -> NOW, 3, Duration.ofHours(1));
  }

  private static Entry enter(RequestLedger ledger) {
    return ledger.enter(KEY, REQUEST, NOW);
  }

  private static void permit(RequestLedger ledger, Consumer<Entry.Permit> then) {
    assertThat(enter(ledger)).isInstanceOfSatisfying(Entry.Permit.class, then);
  }

  private static Optional<ErrorReason> catchReason(Runnable step) {
    try {
      step.run();
      return Optional.empty();
    } catch (DriverException e) {
      return Optional.of(e.reason());
    }
  }

  /** A store on a disk without space. */
  private static final class FullStore implements Store {
    @Override
    public void transact(Consumer<StoreTransaction> changes) {
      throw DriverException.of(ErrorReason.ERROR_REASON_NO_SPACE, "the disk is full");
    }

    @Override
    public Optional<ByteString> read(String collection, String key) {
      return Optional.empty();
    }

    @Override
    public List<StoreRecord> list(String collection) {
      return List.of();
    }
  }
}
