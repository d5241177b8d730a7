package dev.drover.server.guard;

import dev.drover.server.activity.OngoingCall;
import dev.drover.server.tracing.CallTrace;
import dev.drover.spi.Caller;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What is found out about a call while it goes through the guards; for log, audit, metrics, and who
 * looks at it meanwhile. Compared by identity.
 */
final class CallRecord implements Supplier<OngoingCall> {

  private static final Caller NOBODY = new Caller("", "");

  private final String callId;
  private final String method;
  private final Instant start;
  private final CallTrace trace;
  private final long startNanos = System.nanoTime();
  private volatile Caller caller = NOBODY;
  private volatile Optional<MethodRule> rule = Optional.empty();
  private volatile Optional<Runnable> share = Optional.empty();
  private volatile String uri = "";
  private volatile RequestSubject subject = RequestSubject.NOTHING;

  CallRecord(String callId, String method, Instant start, CallTrace trace) {
    this.callId = callId;
    this.method = method;
    this.start = start;
    this.trace = trace;
  }

  /** The trace of the call. */
  CallTrace trace() {
    return trace;
  }

  String callId() {
    return callId;
  }

  String method() {
    return method;
  }

  Instant start() {
    return start;
  }

  Caller caller() {
    return caller;
  }

  void caller(Caller found) {
    caller = found;
  }

  boolean mutates() {
    return rule.map(MethodRule::mutates).orElse(false);
  }

  boolean streaming() {
    return rule.map(MethodRule::streaming).orElse(false);
  }

  void rule(MethodRule found) {
    rule = Optional.of(found);
  }

  /** The method where there is one: what clients make up never becomes a label of metrics. */
  String servedMethod() {
    return rule.map(MethodRule::method).orElse("");
  }

  /** Time since the call began. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  @Override
  public OngoingCall get() {
    return new OngoingCall(
        callId,
        servedMethod(),
        rule.map(MethodRule::endless).orElse(false),
        caller.principal(),
        caller.origin(),
        subject.domain(),
        subject.job(),
        age());
  }

  /** What is to be done at the end, since the call counts among those of its caller. */
  void share(Optional<Runnable> leave) {
    share = leave;
  }

  /** The call has ended; to be called once. */
  void giveUpShare() {
    share.ifPresent(Runnable::run);
  }

  String uri() {
    return uri;
  }

  void uri(String found) {
    uri = found;
  }

  RequestSubject subject() {
    return subject;
  }

  void subject(RequestSubject found) {
    subject = found;
  }
}
