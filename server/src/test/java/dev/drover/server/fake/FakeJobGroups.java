package dev.drover.server.fake;

import dev.drover.spi.CallContext;
import dev.drover.spi.JobGroups;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;

/** Jobs of a {@link FakeDriver} that end together. */
record FakeJobGroups(FakeDriver driver) implements JobGroups {

  @Override
  public CompleteJobsResponse complete(CallContext call, CompleteJobsRequest request) {
    driver.called("completeJobs", call, request);
    return CompleteJobsResponse.getDefaultInstance();
  }
}
