package dev.drover.spi.queue;

import dev.drover.spi.CallContext;
import dev.drover.spi.job.JobOrigin;
import dev.drover.v1.Job;

/** Starts jobs on disks, whatever else goes on; a driver's part of the queue. */
@FunctionalInterface
public interface JobStarts {

  /**
   * Plans a job and starts it, or only plans it where the request says so.
   *
   * @param origin who asks; with {@link JobOrigin#turn} the job is on record already, in the queue,
   *     and is taken up from there
   * @param gate is asked once, when the job is planned, unless it is only planned or is a
   *     repetition
   * @return the job; of one that was only planned the draft, with kind, domain, disk, request and
   *     the chain before
   * @throws dev.drover.spi.error.DriverException what the call documents
   */
  Job start(CallContext call, JobOrigin origin, StartRequest request, StartGate gate);
}
