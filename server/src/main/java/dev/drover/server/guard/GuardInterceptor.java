package dev.drover.server.guard;

import dev.drover.server.activity.CallEnd;
import dev.drover.server.activity.OpenCalls;
import dev.drover.server.audit.AuditLog;
import dev.drover.server.audit.AuditRecord;
import dev.drover.server.failure.FailureMapper;
import dev.drover.server.tracing.CallTrace;
import dev.drover.server.tracing.CallTracer;
import dev.drover.spi.Caller;
import dev.drover.spi.error.DriverException;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The one way from the transport to a driver (A4). Before anything is read: who calls, whether that
 * caller may, whether the connection may change things. With the request: its size, its unknown
 * fields, its arguments, the connection's driver, the driver's facet, the domain, the deadline. The
 * first failure ends the call, and no driver code has run by then.
 */
public final class GuardInterceptor implements ServerInterceptor {

  private final CallAdmission admission;
  private final RequestAdmission requests;
  private final FailureMapper failures;
  private final AuditLog audit;
  private final InstantSource clock;
  private final OpenCalls open;
  private final CallerShares shares;
  private final CallTracer tracer;

  /** Makes the interceptor. */
  @Inject
  public GuardInterceptor(
      CallAdmission admission,
      RequestAdmission requests,
      FailureMapper failures,
      AuditLog audit,
      InstantSource clock,
      OpenCalls open,
      CallerShares shares,
      CallTracer tracer) {
    this.admission = admission;
    this.requests = requests;
    this.failures = failures;
    this.audit = audit;
    this.clock = clock;
    this.open = open;
    this.shares = shares;
    this.tracer = tracer;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    CallRecord told =
        new CallRecord(
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()),
            method,
            clock.instant(),
            tracer.began(ClientMetadata.traceparent(headers)));
    ClientMetadata.uri(headers).ifPresent(told::uri);
    open.began(told);
    GuardedCall<Q, R> guarded = new GuardedCall<>(call, failures, result -> ended(told, result));
    try {
      if (call.getMethodDescriptor().getType() == MethodDescriptor.MethodType.UNKNOWN) {
        throw FailureMapper.unknownMethod(method);
      }
      // First what the audit record tells of a refusal, the first one included.
      admission.shown(call.getAttributes()).ifPresent(told::caller);
      admission.known(method).ifPresent(told::rule);
      Caller caller;
      MethodRule rule;
      try {
        caller = admission.identify(call.getAttributes());
        rule = admission.rule(method);
        admission.permit(caller, rule);
        admission.readOnly(headers, rule);
        told.share(shares.enter(caller, rule));
      } catch (DriverException refusal) {
        if (told.mutates()) {
          return UnreadableRequest.refusedBefore(
              new RefusedListener<>(guarded, told, refusal), guarded);
        }
        throw refusal;
      }
      if (!rule.drover()) {
        return UnreadableRequest.refusedBefore(
            new StandardListener<>(guarded, next.startCall(guarded, headers)), guarded);
      }
      return UnreadableRequest.refusedBefore(
          new GuardedListener<>(guarded, headers, next, requests, caller, rule, told), guarded);
    } catch (RuntimeException | Error e) {
      guarded.fail(e);
      return new ServerCall.Listener<>() {};
    }
  }

  /** The receiving side of a call of a standard service, which notices that its client has gone. */
  private static final class StandardListener<Q, R>
      extends ForwardingServerCallListener.SimpleForwardingServerCallListener<Q> {

    private final GuardedCall<Q, R> call;

    StandardListener(GuardedCall<Q, R> call, ServerCall.Listener<Q> service) {
      super(service);
      this.call = call;
    }

    @Override
    public void onCancel() {
      super.onCancel();
      call.abandoned();
    }
  }

  private void ended(CallRecord told, CallResult result) {
    Instant now = clock.instant();
    told.giveUpShare();
    CallEnd end =
        new CallEnd(
            told.servedMethod(), told.streaming(), result.code(), result.reason(), told.age());
    open.ended(told, end);
    told.trace()
        .ended(
            end,
            new CallTrace.About(
                told.callId(), told.uri(), told.subject().domain(), told.subject().job()));
    if (told.mutates()) {
      audit.write(
          new AuditRecord(
              told.start(),
              told.callId(),
              told.caller().principal(),
              told.caller().origin(),
              told.method(),
              told.uri(),
              told.subject().parts(),
              result.reason(),
              Duration.between(told.start(), now)));
    }
    CallLog.ended(told, result.reason(), Duration.between(told.start(), now));
  }
}
