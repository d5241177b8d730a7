package dev.drover.server.fake;

import dev.drover.spi.CallContext;
import dev.drover.spi.Jobs;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.Job;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.SetJobSpeedRequest;
import java.util.List;
import java.util.Optional;

/** Jobs of a {@link FakeDriver}. */
record FakeJobs(FakeDriver driver) implements Jobs {

  @Override
  public Optional<Job> get(String jobId) {
    return Optional.ofNullable(driver.jobModel().get(jobId));
  }

  @Override
  public List<Job> list() {
    return List.copyOf(driver.jobModel().values());
  }

  @Override
  public List<String> placeHolders(String jobId) {
    return driver.placeHolders().getOrDefault(jobId, List.of());
  }

  @Override
  public Job cancel(CallContext call, CancelJobRequest request) {
    driver.called("cancel", call, request);
    return get(request.getJobId()).orElseThrow();
  }

  @Override
  public Job complete(CallContext call, CompleteJobRequest request) {
    driver.called("complete", call, request);
    return get(request.getJobId()).orElseThrow();
  }

  @Override
  public Job resume(CallContext call, ResumeJobRequest request) {
    driver.called("resume", call, request);
    return get(request.getJobId()).orElseThrow();
  }

  @Override
  public Job setSpeed(CallContext call, SetJobSpeedRequest request) {
    driver.called("setSpeed", call, request);
    return get(request.getJobId()).orElseThrow();
  }
}
