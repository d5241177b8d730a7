package dev.drover.test.fault;

import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.event.EventSink;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import java.util.List;
import java.util.Optional;

/** Passes events on, except those that a fault drops or repeats. */
public final class EventFaults implements EventSink {

  private final EventSink target;
  private final FaultPlan plan;

  /** Puts the plan between the registers and the daemon. */
  public EventFaults(EventSink target, FaultPlan plan) {
    this.target = target;
    this.plan = plan;
  }

  @Override
  public void publish(DriverEvent event) {
    Optional<Fault> fault =
        steps(event).stream()
            .map(step -> plan.atEvent(step.id()))
            .flatMap(Optional::stream)
            .findFirst();
    if (fault.isEmpty()) {
      target.publish(event);
    } else if (fault.get().kind() == FaultKind.FAULT_KIND_REPEAT_EVENT) {
      target.publish(event);
      target.publish(event);
    }
  }

  private static List<FaultStep> steps(DriverEvent event) {
    return switch (event) {
      case DriverEvent.DomainEvent domain -> domainSteps(domain.kind());
      case DriverEvent.JobEvent job ->
          job.kind() == EventKind.EVENT_KIND_JOB_STATE_CHANGED ? jobSteps(job.job()) : List.of();
      case DriverEvent.SnapshotEvent _ -> List.of();
    };
  }

  private static List<FaultStep> domainSteps(EventKind kind) {
    if (kind == EventKind.EVENT_KIND_DOMAIN_STARTED) {
      return List.of(FaultStep.DOMAIN_START);
    }
    boolean end =
        kind == EventKind.EVENT_KIND_DOMAIN_STOPPED || kind == EventKind.EVENT_KIND_DOMAIN_CRASHED;
    return end ? List.of(FaultStep.DOMAIN_STOP) : List.of();
  }

  private static List<FaultStep> jobSteps(Job job) {
    return switch (job.getState()) {
      case JOB_STATE_RUNNING -> List.of(FaultStep.JOB_START, FaultStep.JOB_EVENT);
      case JOB_STATE_READY -> List.of(FaultStep.JOB_READY, FaultStep.JOB_EVENT);
      case JOB_STATE_PIVOTING -> List.of(FaultStep.JOB_PIVOT, FaultStep.JOB_EVENT);
      case JOB_STATE_CANCELLING -> List.of(FaultStep.JOB_CANCEL, FaultStep.JOB_EVENT);
      case JOB_STATE_FINALIZING -> List.of(FaultStep.JOB_FINALIZE, FaultStep.JOB_EVENT);
      case JOB_STATE_PENDING,
          JOB_STATE_SUCCEEDED,
          JOB_STATE_FAILED,
          JOB_STATE_CANCELLED,
          JOB_STATE_UNSPECIFIED,
          UNRECOGNIZED ->
          List.of(FaultStep.JOB_EVENT);
    };
  }
}
