package dev.drover.spi.snapshot;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;

/** Says in the API's terms why the job of a revert did not end as asked for (R9). */
public final class RevertFailures {

  private RevertFailures() {}

  /** JOB_CANCELLED: somebody ended it in time. */
  public static DriverException cancelled(String jobId, String snapshot) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_CANCELLED,
        "the revert to snapshot '%s' was cancelled; nothing was changed".formatted(snapshot),
        "job",
        jobId);
  }

  /** JOB_INTERRUPTED: something came in between before anything was changed. */
  public static DriverException interrupted(String jobId, String snapshot, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_INTERRUPTED,
        "the revert to snapshot '%s' was interrupted and nothing was changed: %s"
            .formatted(snapshot, why),
        "job",
        jobId);
  }

  /** The disks are back, but the domain could not be started; of the start's own reason. */
  public static DriverException notStarted(
      String domain, String snapshot, DriverException failure) {
    return DriverException.causedBy(
        failure,
        failure.reason(),
        "the disks of domain '%s' are back at snapshot '%s', but it could not be started: %s"
            .formatted(domain, snapshot, failure.getMessage()),
        failure.metadata().entrySet().stream()
            .<String>mapMulti(
                (entry, out) -> {
                  out.accept(entry.getKey());
                  out.accept(entry.getValue());
                })
            .toArray(String[]::new));
  }
}
