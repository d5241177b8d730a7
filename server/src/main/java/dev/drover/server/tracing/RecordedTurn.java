package dev.drover.server.tracing;

import dev.drover.spi.activity.Activity.Outcome;
import dev.drover.spi.activity.JobTurn;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.MDC;

/**
 * A turn of a job with its span and those of what was begun in it. They are sent only where the
 * turn got somewhere or something in it failed: a job is looked at twice a second, and that is
 * nothing to be told. A span that is never ended is never sent.
 */
final class RecordedTurn implements JobTurn {

  private static final ContextKey<RecordedTurn> KEY = ContextKey.named("drover-turn");

  private final Span span;
  private final Scope scope;
  private final Optional<String> markedBefore;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Runnable> held = new ArrayList<>();
  private Fate fate = Fate.OPEN;
  private boolean worthTelling;

  /** What becomes of the spans. */
  private enum Fate {
    OPEN,
    TOLD,
    FORGOTTEN
  }

  @SuppressWarnings("MustBeClosedChecker") // the turn's own end closes it
  private RecordedTurn(Span span, Context context) {
    this.span = span;
    this.scope = context.with(span).with(KEY, this).makeCurrent();
    this.markedBefore = Optional.ofNullable(MDC.get(CallTrace.MARK));
    MDC.put(CallTrace.MARK, span.getSpanContext().getTraceId());
  }

  /** Begins a turn on the current thread. */
  static RecordedTurn begin(Span span, Context context) {
    return new RecordedTurn(span, context);
  }

  /** The turn of a context; empty: it is of none. */
  static Optional<RecordedTurn> of(Context context) {
    return Optional.ofNullable(context.get(KEY));
  }

  /** Something that was begun in this turn has ended. */
  void ended(Span part, Outcome outcome) {
    Instant now = Instant.now();
    lock.lock();
    try {
      worthTelling |= outcome != Outcome.DONE;
      switch (fate) {
        case OPEN -> held.add(() -> part.end(now));
        case TOLD -> part.end(now);
        case FORGOTTEN -> {}
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void reached(String step) {
    lock.lock();
    try {
      worthTelling = true;
    } finally {
      lock.unlock();
    }
    span.updateName("job step " + step);
    span.setAttribute(TraceAttributes.STEP, step);
  }

  @Override
  public void close() {
    scope.close();
    markedBefore.ifPresentOrElse(
        trace -> MDC.put(CallTrace.MARK, trace), () -> MDC.remove(CallTrace.MARK));
    lock.lock();
    try {
      if (fate != Fate.OPEN) {
        return;
      }
      fate = worthTelling ? Fate.TOLD : Fate.FORGOTTEN;
      if (fate == Fate.TOLD) {
        held.forEach(Runnable::run);
        span.end();
      }
      held.clear();
    } finally {
      lock.unlock();
    }
  }
}
