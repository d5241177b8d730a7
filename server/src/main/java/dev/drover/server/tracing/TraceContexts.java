package dev.drover.server.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.Optional;

/** Spans as text: W3C's {@code 00-<trace id>-<span id>-<flags>}. */
final class TraceContexts {

  private static final String HEADER = "traceparent";

  private static final TextMapGetter<String> ITSELF =
      (text, header) -> header.equals(HEADER) ? text : null;

  private TraceContexts() {}

  /** The span of a text; empty where it names none. */
  static Optional<SpanContext> parse(String traceparent) {
    Context read =
        W3CTraceContextPropagator.getInstance().extract(Context.root(), traceparent, ITSELF);
    return Optional.of(Span.fromContext(read).getSpanContext()).filter(SpanContext::isValid);
  }

  /** The text of a span. */
  static String text(SpanContext span) {
    return "00-%s-%s-%s"
        .formatted(span.getTraceId(), span.getSpanId(), span.getTraceFlags().asHex());
  }

  /** Another span of the same trace. */
  static SpanContext sibling(SpanContext span, String spanId) {
    return SpanContext.createFromRemoteParent(
        span.getTraceId(), spanId, span.getTraceFlags(), TraceState.getDefault());
  }

  /** A context in which what begins is a child of a span. */
  static Context below(SpanContext span) {
    return Context.root().with(Span.wrap(span));
  }
}
