package dev.drover.test.block;

import dev.drover.spi.error.DriverException;
import dev.drover.test.fault.FaultStep;
import dev.drover.v1.ErrorReason;

/** Says in the API's terms why a job did not end as asked for. */
final class JobFailures {

  private JobFailures() {}

  /** The job went with its hypervisor. */
  static DriverException lost(JobRun run) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_INTERRUPTED,
        "job %s was lost when the hypervisor of domain '%s' crashed; start it again"
            .formatted(run.id, run.disk.domainName()),
        "job",
        run.id,
        "domain",
        run.disk.domainName());
  }

  /** No room is left for the job to end. */
  static DriverException noSpace(JobRun run) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_NO_SPACE,
        "the test host's disk became full before job %s could end; make room and start it again"
            .formatted(run.id),
        "path",
        "/");
  }

  /** The job was ended without a switch. */
  static DriverException cancelled(JobRun run, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_CANCELLED,
        "job %s on disk '%s' of domain '%s' was cancelled %s"
            .formatted(run.id, run.disk.target(), run.disk.domainName(), why),
        "job",
        run.id);
  }

  /** A step failed because a test wants it. */
  static DriverException injected(JobRun run, FaultStep step) {
    if (run.switched) {
      return DriverException.of(
          ErrorReason.ERROR_REASON_CHAIN_DIVERGED,
          ("the chain of disk '%s' could not be compared after job %s; nothing was deleted;"
                  + " 'drover domain chain %s %s --verify' tells what differs")
              .formatted(run.disk.target(), run.id, run.disk.domainName(), run.disk.target()),
          "job",
          run.id,
          "disk",
          run.disk.target());
    }
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_IO_ERROR,
        "job %s ran into an I/O error at step '%s': injected fault; start it again"
            .formatted(run.id, step.id()),
        "job",
        run.id,
        "operation",
        step.id());
  }
}
