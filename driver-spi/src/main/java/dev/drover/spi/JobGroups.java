package dev.drover.spi;

import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;

/**
 * Several mirrors ended at one point in time; the facet behind {@code CompleteJobs}, whose presence
 * is CAPABILITY_JOB_GROUPS (D15).
 */
public interface JobGroups {

  /**
   * Ends READY mirrors of one domain with the guest held. The ends are decided in one durable step:
   * a daemon or hypervisor that dies leaves all of them ended as asked, or none. Repeating a call
   * whose jobs have all ended as asked answers the same jobs. Raises what {@link Jobs#complete}
   * raises, and INVALID_ARGUMENT for jobs of several domains. Where one job cannot be brought to
   * its end nothing is decided: the others are READY as before, or CANCELLED where the hypervisor
   * has no way back for them.
   *
   * @return the jobs, ended, and how long the guest was held
   */
  CompleteJobsResponse complete(CallContext call, CompleteJobsRequest request);
}
