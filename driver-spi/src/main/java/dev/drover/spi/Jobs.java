package dev.drover.spi;

import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.Job;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.SetJobSpeedRequest;
import java.util.List;
import java.util.Optional;

/**
 * Jobs of every kind; the facet behind {@code JobService} (A11). Reads answer from the model and
 * never block; waiting and watching are done by the daemon from the driver's events.
 */
public interface Jobs {

  /** The job of an id, also one that ended long ago (R1). */
  Optional<Job> get(String jobId);

  /** Every job on record, in no particular order. */
  List<Job> list();

  /** Ids of the jobs that hold the places for which a job waits (R29); none where it does not. */
  default List<String> placeHolders(String jobId) {
    return List.of();
  }

  /**
   * Ends a job without a switch: through CANCELLING to CANCELLED, with JOB_CANCELLED as its error.
   * Repeating it answers the same job (C11). Refused with JOB_STATE_INVALID from PIVOTING and
   * FINALIZING on, and where the job ended otherwise.
   *
   * @return the job: ended, or with {@code async} at least CANCELLING
   */
  Job cancel(CallContext call, CancelJobRequest request);

  /**
   * Ends a READY mirror as asked: a pivot goes through PIVOTING and FINALIZING, a keep through
   * CANCELLING, and both end SUCCEEDED, since the job ended as its owner wanted; {@code
   * JobResult.pivoted} tells them apart. Repeating a call with the same completion answers the same
   * job. The kind is checked before the state (D10).
   *
   * @return the job: ended, or with {@code async} at least PIVOTING or CANCELLING
   */
  Job complete(CallContext call, CompleteJobRequest request);

  /**
   * Lets a blocked job try again at once (C20). A job that is not blocked is answered as it is;
   * refused with JOB_STATE_INVALID where the job has ended.
   */
  Job resume(CallContext call, ResumeJobRequest request);

  /** Changes the speed limit. */
  Job setSpeed(CallContext call, SetJobSpeedRequest request);
}
