package dev.drover.server.tracing;

import dev.drover.server.activity.EventListener;
import dev.drover.server.activity.TurnListener;
import dev.drover.server.activity.WorkListener;
import dev.drover.spi.ProtoTimes;
import dev.drover.spi.activity.Activity.Outcome;
import dev.drover.spi.activity.JobTurn;
import dev.drover.spi.activity.Work;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.job.JobTransitions;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.Optional;

/**
 * Makes spans of what the daemon and its drivers are at: a call, the driver's part of it, and the
 * commands and lanes it needs; a job below the call that began it, with those of its turns that got
 * somewhere.
 */
public final class SpanRecorder implements CallTracer, WorkListener, TurnListener, EventListener {

  private static final Ending UNHEARD = (_, _) -> {};

  private final Tracer tracer;

  /** Makes a recorder whose tracer takes ids from {@link SpanIds}. */
  SpanRecorder(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public CallTrace began(Optional<String> traceparent) {
    Context parent =
        traceparent
            .flatMap(TraceContexts::parse)
            .map(TraceContexts::below)
            .orElseGet(Context::root);
    return new RecordedCall(
        tracer,
        tracer.spanBuilder("call").setParent(parent).setSpanKind(SpanKind.SERVER).startSpan());
  }

  @Override
  public Ending begun(String scheme, Work work) {
    Context context = Context.current();
    if (!Span.fromContext(context).getSpanContext().isSampled()) {
      return UNHEARD;
    }
    Span span =
        switch (work) {
          case Work.Command command ->
              begin(context, scheme + " " + command.command(), SpanKind.CLIENT);
          case Work.LaneAwaited awaited ->
              begin(context, "wait for the domain", SpanKind.INTERNAL)
                  .setAttribute(TraceAttributes.OPERATION, awaited.operation());
          case Work.LaneHeld held ->
              begin(context, "domain held", SpanKind.INTERNAL)
                  .setAttribute(TraceAttributes.OPERATION, held.operation());
        };
    span.setAttribute(TraceAttributes.DRIVER, scheme);
    TraceAttributes.set(span, TraceAttributes.DOMAIN, work.domainName());
    TraceAttributes.set(span, TraceAttributes.DOMAIN_UUID, work.domainUuid());
    Optional<RecordedTurn> turn = RecordedTurn.of(context);
    return (outcome, _) -> {
      span.setAttribute(TraceAttributes.OUTCOME, outcome.name());
      if (outcome != Outcome.DONE) {
        span.setStatus(StatusCode.ERROR, outcome.name());
      }
      turn.ifPresentOrElse(open -> open.ended(span, outcome), span::end);
    };
  }

  private Span begin(Context context, String name, SpanKind kind) {
    return tracer.spanBuilder(name).setParent(context).setSpanKind(kind).startSpan();
  }

  @Override
  public JobTurn began(String scheme, Job job) {
    Optional<SpanContext> caller = caller(job);
    if (caller.isEmpty()) {
      return JobTurn.UNOBSERVED;
    }
    Context context = TraceContexts.below(ofJob(caller.get(), job.getId()));
    Span span =
        tracer
            .spanBuilder("job step")
            .setParent(context)
            .setAttribute(TraceAttributes.DRIVER, scheme)
            .setAttribute(TraceAttributes.JOB, job.getId())
            .startSpan();
    return RecordedTurn.begin(span, context);
  }

  /** A job that the hypervisor refused leaves no record, and never ended. */
  @Override
  public void told(String scheme, DriverEvent event) {
    if (event instanceof DriverEvent.JobEvent told
        && told.kind() == EventKind.EVENT_KIND_JOB_STATE_CHANGED
        && JobTransitions.terminal(told.job().getState())
        && told.job().hasEndTime()) {
      caller(told.job()).ifPresent(caller -> ended(scheme, told.job(), caller));
    }
  }

  private void ended(String scheme, Job job, SpanContext caller) {
    SpanContext parent =
        job.getParentJobId().isEmpty() ? caller : ofJob(caller, job.getParentJobId());
    Span span =
        SpanIds.withId(
            SpanIds.ofJob(caller.getTraceId(), job.getId()),
            () ->
                tracer
                    .spanBuilder("job " + word(job.getKind().name(), "JOB_KIND_"))
                    .setParent(TraceContexts.below(parent))
                    .setStartTimestamp(ProtoTimes.instant(job.getCreateTime()))
                    .startSpan());
    span.setAttribute(TraceAttributes.DRIVER, scheme);
    span.setAttribute(TraceAttributes.JOB, job.getId());
    span.setAttribute(TraceAttributes.JOB_STATE, word(job.getState().name(), "JOB_STATE_"));
    span.setAttribute(TraceAttributes.DOMAIN, job.getDomainName());
    span.setAttribute(TraceAttributes.DOMAIN_UUID, job.getDomainUuid());
    TraceAttributes.set(span, TraceAttributes.DISK, job.getDisk());
    if (job.getState() == JobState.JOB_STATE_FAILED) {
      span.setStatus(StatusCode.ERROR);
    }
    span.end(ProtoTimes.instant(job.getEndTime()));
  }

  /** The call that began a job; empty where it was not traced. */
  private static Optional<SpanContext> caller(Job job) {
    return Optional.of(job.getTraceparent())
        .filter(text -> !text.isEmpty())
        .flatMap(TraceContexts::parse)
        .filter(SpanContext::isSampled);
  }

  private static SpanContext ofJob(SpanContext caller, String jobId) {
    return TraceContexts.sibling(caller, SpanIds.ofJob(caller.getTraceId(), jobId));
  }

  private static String word(String constant, String prefix) {
    return constant.substring(prefix.length());
  }
}
