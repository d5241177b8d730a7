package dev.drover.server.guard;

import com.google.protobuf.Message;
import dev.drover.server.guard.RequestAdmission.Admitted;
import dev.drover.server.ledger.RequestLedger;
import dev.drover.server.tracing.CallTrace;
import dev.drover.server.watch.Timers;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The receiving side of a call of Drover's API: reads the one request, takes it through the guards
 * and only then lets the service begin.
 */
final class GuardedListener<Q, R> extends ServerCall.Listener<Q> {

  private final GuardedCall<Q, R> call;
  private final Metadata headers;
  private final ServerCallHandler<Q, R> next;
  private final RequestAdmission admission;
  private final Caller caller;
  private final MethodRule rule;
  private final CallRecord told;
  private Optional<Begun<Q>> begun = Optional.empty();
  private Timers.Pending timer = () -> {};
  private boolean ready;

  /**
   * A call whose request has passed the guards.
   *
   * @param request the request
   * @param admitted what the guards found out
   * @param service what serves it
   */
  private record Begun<Q>(Message request, Admitted admitted, ServerCall.Listener<Q> service) {}

  GuardedListener(
      GuardedCall<Q, R> call,
      Metadata headers,
      ServerCallHandler<Q, R> next,
      RequestAdmission admission,
      Caller caller,
      MethodRule rule,
      CallRecord told) {
    this.call = call;
    this.headers = headers;
    this.next = next;
    this.admission = admission;
    this.caller = caller;
    this.rule = rule;
    this.told = told;
    // One request, and the end of requests after it.
    call.request(2);
  }

  @Override
  public void onMessage(Q received) {
    if (begun.isPresent()) {
      call.fail(
          DriverException.of(
              ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
              "the call carries more than one request; make a call for each"));
    } else if (!call.ended()) {
      if (received instanceof Message message) {
        told.subject(RequestSubject.of(message));
        guarded(() -> begin(received, message));
      } else {
        call.fail(
            new IllegalStateException("a request that is no message: " + received.getClass()));
      }
    }
  }

  private void begin(Q received, Message message) {
    CallLog.began(told, rule, message);
    Context context = Context.current();
    Admitted through = admission.admit(message, headers, caller, rule, clientPatience(context));
    ActiveCall active =
        new ActiveCall(
            rule.method(),
            through.uri(),
            new CallContext(
                caller,
                told.callId(),
                through.deadline(),
                () -> call.ended() || context.isCancelled(),
                told.trace().traceparent()),
            through.connection(),
            through.visibility());
    if (!rule.streaming()) {
      timer = admission.enforce(through.deadline(), () -> call.fail(deadlineExceeded()));
    }
    ServerCall.Listener<Q> listener =
        Contexts.interceptCall(active.in(context), call, headers, next);
    begun = Optional.of(new Begun<>(message, through, listener));
    if (ready) {
      listener.onReady();
    }
    listener.onMessage(received);
  }

  @Override
  public void onHalfClose() {
    if (call.ended()) {
      return;
    }
    if (begun.isEmpty()) {
      call.fail(
          DriverException.of(
              ErrorReason.ERROR_REASON_INVALID_ARGUMENT, "the call carries no request"));
      return;
    }
    Begun<Q> whole = begun.get();
    guarded(
        () -> {
          Optional<RequestLedger.Entry> entry =
              admission.enter(whole.request(), caller, rule, whole.admitted());
          switch (entry.orElse(null)) {
            case null -> {
              run(whole);
            }
            case RequestLedger.Entry.Answered answered ->
                call.answer(response(answered.response().newInput()));
            case RequestLedger.Entry.Permit permit -> {
              call.settles(permit);
              try {
                run(whole);
              } finally {
                call.returned();
              }
            }
          }
        });
  }

  private void run(Begun<Q> whole) {
    whole.admitted().run();
    told.trace()
        .inDriver(whole.admitted().connection().scheme(), () -> whole.service().onHalfClose());
  }

  private R response(InputStream recorded) {
    return call.getMethodDescriptor().parseResponse(recorded);
  }

  @Override
  public void onReady() {
    ready = true;
    begun.ifPresent(whole -> guarded(() -> whole.service().onReady()));
  }

  @Override
  public void onCancel() {
    timer.cancel();
    begun.ifPresent(whole -> guarded(() -> whole.service().onCancel()));
    call.abandoned();
  }

  @Override
  public void onComplete() {
    timer.cancel();
    begun.ifPresent(whole -> guarded(() -> whole.service().onComplete()));
  }

  private void guarded(Runnable step) {
    try (CallLog.Mark _ = CallLog.mark(told);
        CallTrace.Scope _ = told.trace().enter()) {
      step.run();
    } catch (RuntimeException | Error e) {
      call.fail(e);
    }
  }

  private static Optional<Duration> clientPatience(Context context) {
    return Optional.ofNullable(context.getDeadline())
        .map(deadline -> Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS)));
  }

  private static DriverException deadlineExceeded() {
    return DriverException.of(
        ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
        "the deadline of the call has passed; ask for the object to see what was done");
  }
}
