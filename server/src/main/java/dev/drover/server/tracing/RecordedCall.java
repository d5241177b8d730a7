package dev.drover.server.tracing;

import dev.drover.server.activity.CallEnd;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;

/** A call with its span. */
final class RecordedCall implements CallTrace {

  private static final String NO_METHOD = "unknown method";

  private final Tracer tracer;
  private final Span span;
  private final Context context;

  RecordedCall(Tracer tracer, Span span) {
    this.tracer = tracer;
    this.span = span;
    this.context = Context.root().with(span);
  }

  @Override
  public String traceparent() {
    return TraceContexts.text(span.getSpanContext());
  }

  @Override
  public String traceId() {
    return span.getSpanContext().isSampled() ? span.getSpanContext().getTraceId() : "";
  }

  @Override
  @SuppressWarnings("MustBeClosedChecker") // whoever enters closes it
  public Scope enter() {
    return context.makeCurrent()::close;
  }

  @Override
  public void inDriver(String scheme, Runnable work) {
    Span driver =
        tracer
            .spanBuilder("driver " + scheme)
            .setParent(context)
            .setAttribute(TraceAttributes.DRIVER, scheme)
            .startSpan();
    try (var _ = context.with(driver).makeCurrent()) {
      work.run();
    } catch (RuntimeException | Error e) {
      driver.setStatus(StatusCode.ERROR);
      throw e;
    } finally {
      driver.end();
    }
  }

  @Override
  public void ended(CallEnd end, About about) {
    span.updateName(end.method().isEmpty() ? NO_METHOD : end.method());
    span.setAttribute(TraceAttributes.RPC_SYSTEM, "grpc");
    TraceAttributes.set(span, TraceAttributes.RPC_METHOD, end.method());
    span.setAttribute(TraceAttributes.RPC_CODE, end.code());
    span.setAttribute(TraceAttributes.REASON, end.reason());
    span.setAttribute(TraceAttributes.CALL, about.callId());
    TraceAttributes.set(span, TraceAttributes.URI, about.uri());
    TraceAttributes.set(span, TraceAttributes.DOMAIN, about.domain());
    TraceAttributes.set(span, TraceAttributes.JOB, about.job());
    TraceAttributes.status(span, end.code(), end.reason());
    span.end();
  }
}
