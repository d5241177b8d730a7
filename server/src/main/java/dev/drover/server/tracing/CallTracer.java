package dev.drover.server.tracing;

import java.util.Optional;

/** Traces calls. It never blocks and never fails. */
@FunctionalInterface
public interface CallTracer {

  /** Traces nothing. */
  CallTracer NONE = _ -> CallTrace.NONE;

  /**
   * A call has begun.
   *
   * @param traceparent what the client said of the work that the call is part of, in the form of
   *     W3C's trace context; one that cannot be read is as good as none
   */
  CallTrace began(Optional<String> traceparent);
}
