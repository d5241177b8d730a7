package dev.drover.test.fault;

import dev.drover.spi.error.DriverException;
import dev.drover.test.clock.VirtualClock;
import dev.drover.v1.ErrorReason;
import java.util.Optional;

/**
 * Where a job that copies nothing meets the faults of its steps. No call waits there: what follows
 * is done by whoever lets it go. Under the {@link dev.drover.test.clock.WorldLock}.
 */
public final class JobGate {

  private final VirtualClock clock;
  private final FaultPlan plan;

  /** Makes the gate of a plan. */
  public JobGate(VirtualClock clock, FaultPlan plan) {
    this.clock = clock;
    this.plan = plan;
  }

  /** What becomes of a job at a step. */
  public interface Step {

    /** It goes on. */
    void proceed();

    /** The hypervisor of its domain crashes. */
    void crash();

    /** The step fails, with JOB_IO_ERROR or NO_SPACE. */
    void fail(DriverException failure);
  }

  /** Lets a job through a step, now or later. */
  public void pass(String jobId, FaultStep step, Step next) {
    Optional<Fault> struck = plan.atStep(step.id());
    if (struck.isEmpty()) {
      next.proceed();
      return;
    }
    switch (struck.get().kind()) {
      case FAULT_KIND_ERROR ->
          next.fail(
              DriverException.of(
                  ErrorReason.ERROR_REASON_JOB_IO_ERROR,
                  "job %s ran into an I/O error at step '%s': injected fault"
                      .formatted(jobId, step.id()),
                  "job",
                  jobId,
                  "operation",
                  step.id()));
      case FAULT_KIND_DISK_FULL ->
          next.fail(
              DriverException.of(
                  ErrorReason.ERROR_REASON_NO_SPACE,
                  "the test host's disk is full at step '%s' of job %s: injected fault"
                      .formatted(step.id(), jobId),
                  "path",
                  "/"));
      case FAULT_KIND_DELAY -> clock.schedule(struck.get().delay(), next::proceed);
      case FAULT_KIND_HANG -> plan.park(next::proceed);
      case FAULT_KIND_HYPERVISOR_CRASH -> next.crash();
      case FAULT_KIND_DROP_EVENT, FAULT_KIND_REPEAT_EVENT, FAULT_KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalStateException(struck.get().kind() + " cannot strike a job");
    }
  }
}
