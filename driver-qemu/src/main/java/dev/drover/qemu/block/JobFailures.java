package dev.drover.qemu.block;

import dev.drover.qemu.domain.MonitorErrors;
import dev.drover.qemu.qmp.QmpCommandException;
import dev.drover.qemu.qmp.QmpException;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;

/** Says in the API's terms why a job could not be started, or did not end as asked for. */
final class JobFailures {

  private static final String NO_SPACE = "No space left on device";

  /**
   * Of a job on record that QEMU does not know, since the daemon was gone before it was started.
   */
  static final String NEVER_BEGAN = "the hypervisor never began it";

  private static final String CANCELED = "Operation canceled";

  private JobFailures() {}

  /** Failure of a command; what QEMU says about locks and permissions becomes a reason. */
  static DriverException ofCommand(BlockHost host, QmpException failure) {
    if (failure instanceof QmpCommandException refused) {
      String text = refused.description();
      if (text.contains("write\" lock") || text.contains("another process using the image")) {
        return because(
            host, refused, ErrorReason.ERROR_REASON_IMAGE_IN_USE, "an image is in use elsewhere");
      }
      if (text.contains("Permission denied")) {
        return because(
            host,
            refused,
            ErrorReason.ERROR_REASON_IMAGE_ACCESS_DENIED,
            "the hypervisor may not open an image");
      }
      if (text.contains(NO_SPACE)) {
        return because(host, refused, ErrorReason.ERROR_REASON_NO_SPACE, "a disk is full");
      }
    }
    return MonitorErrors.of(host.domainName(), failure);
  }

  private static DriverException because(
      BlockHost host, QmpCommandException refused, ErrorReason reason, String meaning) {
    return DriverException.causedBy(
        refused,
        reason,
        "domain '%s': %s: %s".formatted(host.domainName(), meaning, refused.description()),
        "domain",
        host.domainName(),
        "command",
        refused.command());
  }

  /** Failure of a job by the text that QEMU concluded it with. */
  static DriverException ofJob(Job job, String text) {
    if (text.equals(NEVER_BEGAN)) {
      return interrupted(job, text);
    }
    if (text.contains(NO_SPACE)) {
      return DriverException.of(
          ErrorReason.ERROR_REASON_NO_SPACE,
          ("job %s on disk '%s' of domain '%s' ran out of space for '%s': %s; make room and start"
                  + " it again")
              .formatted(
                  job.getId(), job.getDisk(), job.getDomainName(), JobImages.written(job), text),
          "job",
          job.getId(),
          "path",
          JobImages.written(job));
    }
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_IO_ERROR,
        ("job %s on disk '%s' of domain '%s' failed: %s; its disk is on the old chain. See to the"
                + " storage of its images and start it again")
            .formatted(job.getId(), job.getDisk(), job.getDomainName(), text),
        "job",
        job.getId(),
        "operation",
        text);
  }

  /** Failure of a job whose next step QEMU refused. */
  static DriverException ofRefusal(Job job, String why) {
    if (why.contains(NO_SPACE)) {
      return ofJob(job, why);
    }
    return DriverException.of(
        ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED,
        ("job %s on disk '%s' of domain '%s' was given up: %s; its disk is on the old chain. Start"
                + " it again once that is mended")
            .formatted(job.getId(), job.getDisk(), job.getDomainName(), why),
        "job",
        job.getId());
  }

  /** True where QEMU's text says that a job was cancelled. */
  static boolean isCancel(String text) {
    return text.equals(CANCELED);
  }

  /** That a job was cancelled. */
  static DriverException cancelled(Job job, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_CANCELLED,
        "job %s on disk '%s' of domain '%s' was cancelled: %s"
            .formatted(job.getId(), job.getDisk(), job.getDomainName(), why),
        "job",
        job.getId());
  }

  /** That a job was lost with its process. */
  static DriverException interrupted(Job job, String why) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_JOB_INTERRUPTED,
        ("job %s on disk '%s' of domain '%s' was interrupted: %s; its disk is on the old chain."
                + " Start it again where it is still wanted")
            .formatted(job.getId(), job.getDisk(), job.getDomainName(), why),
        "job",
        job.getId(),
        "domain",
        job.getDomainName());
  }

  /** End of a job on record that could not be begun. */
  static DriverException beforeItBegan(Job job, DriverException why) {
    return why.reason() == ErrorReason.ERROR_REASON_HYPERVISOR_CONNECTION_LOST
        ? interrupted(job, "its process ended before it began")
        : why;
  }

  /** That the graph is not the one on record, so that no job can be planned on it. */
  static DriverException divergedBefore(BlockHost host, String disk, String how) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_CHAIN_DIVERGED,
        ("the chain of disk '%s' of domain '%s' was changed past the daemon: %s; 'drover domain"
                + " chain %s %s --verify' tells what differs and what can be done about it")
            .formatted(disk, host.domainName(), how, host.domainName(), disk),
        "domain",
        host.domainName(),
        "disk",
        disk);
  }

  /** That graph, headers and plan do not agree. */
  static DriverException diverged(Job job, String how) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_CHAIN_DIVERGED,
        ("after job %s the chain of disk '%s' of domain '%s' is not the expected one: %s; nothing"
             + " was deleted; 'drover domain chain %s %s --verify' tells what differs and what can"
             + " be done about it")
            .formatted(
                job.getId(),
                job.getDisk(),
                job.getDomainName(),
                how,
                job.getDomainName(),
                job.getDisk()),
        "job",
        job.getId(),
        "disk",
        job.getDisk());
  }
}
