package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.server.access.DomainSelector;
import dev.drover.server.access.Grant;
import dev.drover.server.access.PermissionPolicy;
import dev.drover.server.guard.GuardBench.Later;
import dev.drover.server.guard.GuardBench.Transport;
import dev.drover.spi.CallContext;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.StartDomainResponse;
import dev.drover.v1.WatchJobRequest;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** A4, R7, R10: a call of the API from its first byte to its end. */
class GuardedListenerTest {

  private static final StartDomainRequest START =
      StartDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setName("web")).build();
  private static final StartDomainRequest ONCE = START.toBuilder().setRequestId("once").build();
  private static final PermissionPolicy EVERYTHING = (_, _) -> new Grant.Everywhere();

  private final GuardBench bench =
      new GuardBench(
          Optional.of(GuardBench.ADA),
          EVERYTHING,
          new DomainServiceGrpc.DomainServiceImplBase() {}.bindService(),
          new JobServiceGrpc.JobServiceImplBase() {}.bindService());
  private final Transport<StartDomainRequest, StartDomainResponse> transport =
      new Transport<>(DomainServiceGrpc.getStartDomainMethod());

  @BeforeEach
  void aDomain() {
    bench.driver.put("web");
  }

  /** A service that keeps what it hears, and answers where that is wanted. */
  private final class Service<Q, R> implements ServerCallHandler<Q, R> {
    private final Optional<R> answer;
    private final List<String> heard = new ArrayList<>();
    private Optional<CallContext> call = Optional.empty();
    private Runnable onHalfClose = () -> {};

    Service(Optional<R> answer) {
      this.answer = answer;
    }

    @Override
    public ServerCall.Listener<Q> startCall(ServerCall<Q, R> answering, Metadata headers) {
      call = Optional.of(ActiveCall.current().context());
      return new ServerCall.Listener<>() {
        @Override
        public void onReady() {
          heard.add("ready");
        }

        @Override
        public void onMessage(Q message) {
          heard.add("message");
        }

        @Override
        public void onHalfClose() {
          heard.add("run by " + ActiveCall.current().context().caller().principal());
          assertThat(MDC.get("call")).isEqualTo(call().callId());
          assertThat(bench.trace.open).as("scopes of the trace").isEqualTo(1);
          onHalfClose.run();
          answer.ifPresent(
              response -> {
                answering.sendHeaders(new Metadata());
                answering.sendMessage(response);
                answering.close(io.grpc.Status.OK, new Metadata());
              });
        }

        @Override
        public void onCancel() {
          heard.add("cancel");
        }

        @Override
        public void onComplete() {
          heard.add("complete");
        }
      };
    }

    CallContext call() {
      return call.orElseThrow();
    }

    boolean givenUp() {
      return call().cancelled().getAsBoolean();
    }
  }

  private final Service<StartDomainRequest, StartDomainResponse> service =
      new Service<>(Optional.of(StartDomainResponse.getDefaultInstance()));

  private <Q, R> ServerCall.Listener<Q> begun(
      Transport<Q, R> outgoing, ServerCallHandler<Q, R> answering) {
    return bench.interceptor.interceptCall(outgoing, new Metadata(), answering);
  }

  private ServerCall.Listener<StartDomainRequest> begun() {
    return begun(transport, service);
  }

  @Test
  void aCallIsReadRunAndAnswered() {
    ServerCall.Listener<StartDomainRequest> call = begun();
    assertThat(transport.requested).as("a request and the end of requests").isEqualTo(2);
    assertThat(service.heard).isEmpty();
    call.onMessage(START);
    assertThat(service.heard).as("not run before the request is whole").containsExactly("message");
    assertThat(service.givenUp()).isFalse();
    call.onHalfClose();
    call.onComplete();

    assertThat(service.heard).containsExactly("message", "run by x509:dns:ada", "complete");
    assertThat(transport.sent).containsExactly("headers", "message", "OK");
    assertThat(service.call().traceparent()).isEqualTo(TraceTap.PARENT);
    assertThat(bench.trace.drivers).containsExactly("test");
    assertThat(bench.trace.open).isZero();
    assertThat(MDC.get("call")).as("a mark left on the thread").isNull();
  }

  /** Who can write has to hear so once, before the request and whenever it is so again. */
  @Test
  void aServiceHearsAtOnceThatItMayWrite() {
    ServerCall.Listener<StartDomainRequest> call = begun();
    call.onReady();
    assertThat(service.heard).isEmpty();
    call.onMessage(START);
    assertThat(service.heard).containsExactly("ready", "message");
    call.onReady();
    assertThat(service.heard).containsExactly("ready", "message", "ready");
    assertThat(bench.trace.open).isZero();
  }

  @Test
  void aServiceThatMayNotWriteYetHearsItLater() {
    ServerCall.Listener<StartDomainRequest> call = begun();
    call.onMessage(START);
    assertThat(service.heard).containsExactly("message");
    call.onReady();
    assertThat(service.heard).containsExactly("message", "ready");
  }

  /** The driver of a call that has ended need not go on for it. */
  @Test
  void aCallThatHasEndedIsToldAsGivenUp() {
    begun().onMessage(START);
    only(bench.timers).task.run();
    assertThat(transport.sent).containsExactly("DEADLINE_EXCEEDED");
    assertThat(service.givenUp()).isTrue();
  }

  @Test
  void aCallThatTheTransportHasCancelledIsToldAsGivenUp() {
    begun().onMessage(START);
    assertThat(service.givenUp()).isFalse();
    transport.cancelled = true;
    assertThat(service.givenUp()).isTrue();
  }

  @Test
  void aCallWhoseContextIsCancelledIsToldAsGivenUp() {
    try (Context.CancellableContext context = Context.ROOT.withCancellation()) {
      context.run(() -> begun().onMessage(START));
      assertThat(service.givenUp()).isFalse();
    }
    assertThat(service.givenUp()).isTrue();
  }

  @Test
  void aCallHasAnEndThatIsGivenUpOnceItHasEnded() {
    ServerCall.Listener<StartDomainRequest> call = begun();
    call.onMessage(START);
    Later end = only(bench.timers);
    assertThat(end.delay).isEqualTo(GuardBench.USUAL_DEADLINE.plusMillis(100));
    assertThat(end.cancelled).isFalse();
    call.onHalfClose();
    call.onComplete();
    assertThat(end.cancelled).isTrue();
  }

  @Test
  void aCallThatItsClientHasLeftIsOver() {
    ServerCall.Listener<StartDomainRequest> call = begun();
    call.onMessage(START);
    call.onCancel();
    assertThat(only(bench.timers).cancelled).isTrue();
    assertThat(service.heard).containsExactly("message", "cancel");
    assertThat(only(bench.ends).reason()).isEqualTo("CALL_CANCELLED");
    assertThat(service.givenUp()).isTrue();
    call.onHalfClose();
    assertThat(service.heard).as("after the end").containsExactly("message", "cancel");
  }

  @Test
  void aCallThatItsClientLeavesBeforeItHasAskedIsOverToo() {
    begun().onCancel();
    assertThat(only(bench.ends).reason()).isEqualTo("CALL_CANCELLED");
    assertThat(transport.sent).isEmpty();
  }

  /** A stream lasts as long as its client wants: nobody but the client ends it (R6). */
  @Test
  void aStreamHasNoEnforcedEnd() {
    var stream = new Transport<>(JobServiceGrpc.getWatchJobMethod());
    ServerCall.Listener<WatchJobRequest> call = begun(stream, new Service<>(Optional.empty()));
    call.onMessage(WatchJobRequest.newBuilder().setJobId("j").build());
    call.onHalfClose();
    assertThat(bench.timers).isEmpty();
    call.onCancel();
    assertThat(only(bench.ends).reason()).isEqualTo("CALL_CANCELLED");
  }

  @Test
  void aCallHasTheTimeThatItsClientHas() {
    ScheduledExecutorService ticker = Executors.newScheduledThreadPool(0);
    Deadline deadline = Deadline.after(7, TimeUnit.SECONDS);
    try (Context.CancellableContext context = Context.ROOT.withDeadline(deadline, ticker)) {
      context.run(() -> begun().onMessage(START));
    }
    ticker.shutdownNow();
    assertThat(only(bench.timers).delay)
        .isBetween(Duration.ofMillis(100), Duration.ofMillis(7_100))
        .isLessThan(GuardBench.USUAL_DEADLINE);
  }

  @Test
  void twoRequestsAreTheClientsMistake() {
    ServerCall.Listener<StartDomainRequest> call = begun();
    call.onMessage(START);
    call.onMessage(START);
    assertThat(transport.sent).containsExactly("INVALID_ARGUMENT");
    call.onHalfClose();
    assertThat(service.heard).containsExactly("message");
  }

  @Test
  void noRequestIsTheClientsMistake() {
    begun().onHalfClose();
    assertThat(transport.sent).containsExactly("INVALID_ARGUMENT");
  }

  @Test
  void whatIsRefusedIsNotRun() {
    ServerCall.Listener<StartDomainRequest> call = begun();
    call.onMessage(StartDomainRequest.getDefaultInstance());
    assertThat(transport.sent).containsExactly("INVALID_ARGUMENT");
    call.onHalfClose();
    call.onReady();
    call.onComplete();
    assertThat(service.heard).isEmpty();
    assertThat(transport.sent).hasSize(1);
  }

  /** The call was ended, by the end of the daemon for example, before its request was there. */
  @Test
  void aRequestThatComesTooLateIsNotLookedAt() {
    ServerCall.Listener<StartDomainRequest> call = begun();
    transport.cancelled = true;
    call.onMessage(START);
    call.onHalfClose();
    assertThat(service.heard).isEmpty();
    assertThat(only(bench.open()).domain()).isEmpty();
    assertThat(transport.sent).isEmpty();
  }

  @Test
  void whatAServiceThrowsIsAnInternalError() {
    service.onHalfClose =
        () -> {
          throw new IllegalStateException("secret");
        };
    ServerCall.Listener<StartDomainRequest> call = begun();
    call.onMessage(START);
    call.onHalfClose();
    assertThat(transport.sent).containsExactly("INTERNAL");
    assertThat(bench.trace.open).isZero();
    assertThat(MDC.get("call")).isNull();
  }

  /** R7: the answer comes from the record, and nothing runs for it. */
  @Test
  void aRepeatedRequestIsAnsweredFromTheRecord() {
    ServerCall.Listener<StartDomainRequest> first = begun();
    first.onMessage(ONCE);
    first.onHalfClose();
    var second = new Transport<>(DomainServiceGrpc.getStartDomainMethod());
    var idle = new Service<StartDomainRequest, StartDomainResponse>(Optional.empty());
    ServerCall.Listener<StartDomainRequest> again = begun(second, idle);
    soon(() -> whole(again));
    assertThat(second.sent).containsExactly("headers", "message", "OK");
    assertThat(idle.heard).containsExactly("message");
  }

  /** R7: what did not succeed runs again. */
  @Test
  void aRequestThatFailedRunsAgain() {
    service.onHalfClose =
        () -> {
          throw new IllegalStateException("no");
        };
    ServerCall.Listener<StartDomainRequest> first = begun();
    first.onMessage(ONCE);
    first.onHalfClose();
    var second = new Transport<>(DomainServiceGrpc.getStartDomainMethod());
    var again =
        new Service<StartDomainRequest, StartDomainResponse>(
            Optional.of(StartDomainResponse.getDefaultInstance()));
    ServerCall.Listener<StartDomainRequest> call = begun(second, again);
    soon(() -> whole(call));
    assertThat(again.heard).containsExactly("message", "run by x509:dns:ada");
    assertThat(second.sent).containsExactly("headers", "message", "OK");
  }

  /** R23: what is not there when the call comes in must not be touched when it is there later. */
  @Test
  void whatIsNotThereIsNotRunWhereOnlySomeDomainsAreAllowed() {
    Grant some = new Grant.Within(List.<DomainSelector>of());
    GuardBench limited =
        new GuardBench(
            Optional.of(GuardBench.ADA),
            (_, _) -> some,
            new DomainServiceGrpc.DomainServiceImplBase() {}.bindService());
    ServerCall.Listener<StartDomainRequest> call =
        limited.interceptor.interceptCall(transport, new Metadata(), service);
    call.onMessage(START);
    assertThat(transport.sent).isEmpty();
    call.onHalfClose();
    assertThat(transport.sent).containsExactly("DOMAIN_NOT_FOUND");
    assertThat(service.heard).containsExactly("message");
  }

  /** R23: whoever may do it on every domain hears from the driver what there is not. */
  @Test
  void whatIsNotThereIsLeftToTheDriverWhereEveryDomainIsAllowed() {
    ServerCall.Listener<StartDomainRequest> call = begun();
    call.onMessage(
        StartDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setName("none")).build());
    call.onHalfClose();
    assertThat(service.heard).containsExactly("message", "run by x509:dns:ada");
  }

  /** R23: the request is let through by what its caller may when it is there. */
  @Test
  void aPermissionThatIsTakenAwayMeanwhileIsGone() {
    AtomicReference<Grant> grant = new AtomicReference<>(new Grant.Everywhere());
    GuardBench changing =
        new GuardBench(
            Optional.of(GuardBench.ADA),
            (_, _) -> grant.get(),
            new DomainServiceGrpc.DomainServiceImplBase() {}.bindService());
    ServerCall.Listener<StartDomainRequest> call =
        changing.interceptor.interceptCall(transport, new Metadata(), service);
    assertThat(transport.sent).isEmpty();
    grant.set(new Grant.Nothing());
    call.onMessage(START);
    assertThat(transport.sent).containsExactly("PERMISSION_DENIED");
    assertThat(service.heard).isEmpty();
  }

  /** The methods of the API take messages; another one is the daemon's mistake. */
  @Test
  void whatIsNoMessageIsAnInternalError() {
    MethodDescriptor<StartDomainRequest, StartDomainResponse> start =
        DomainServiceGrpc.getStartDomainMethod();
    MethodDescriptor<Object, StartDomainResponse> odd =
        start.<Object, StartDomainResponse>toBuilder(
                new OddMarshaller(), start.getResponseMarshaller())
            .build();
    Transport<Object, StartDomainResponse> outgoing = new Transport<>(odd);
    bench
        .interceptor
        .interceptCall(outgoing, new Metadata(), new Service<>(Optional.empty()))
        .onMessage("text");
    assertThat(outgoing.sent).containsExactly("INTERNAL");

    Transport<Object, StartDomainResponse> refused = new Transport<>(odd);
    Metadata readOnly = new Metadata();
    readOnly.put(ClientMetadata.READ_ONLY, "true");
    bench
        .interceptor
        .interceptCall(refused, readOnly, new Service<>(Optional.empty()))
        .onMessage("text");
    assertThat(refused.sent).containsExactly("READ_ONLY_CONNECTION");
  }

  private static final class OddMarshaller implements MethodDescriptor.Marshaller<Object> {
    @Override
    public java.io.InputStream stream(Object value) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Object parse(java.io.InputStream stream) {
      throw new UnsupportedOperationException();
    }
  }

  private static void whole(ServerCall.Listener<StartDomainRequest> call) {
    call.onMessage(ONCE);
    call.onHalfClose();
  }

  /** A call that would wait for another one, which has ended, is refused after seconds. */
  private static void soon(Runnable call) {
    ScheduledExecutorService ticker = Executors.newScheduledThreadPool(0);
    Deadline deadline = Deadline.after(5, TimeUnit.SECONDS);
    try (Context.CancellableContext context = Context.ROOT.withDeadline(deadline, ticker)) {
      context.run(call);
    }
    ticker.shutdownNow();
  }

  private static <T> T only(List<T> all) {
    assertThat(all).hasSize(1);
    return all.getFirst();
  }
}
