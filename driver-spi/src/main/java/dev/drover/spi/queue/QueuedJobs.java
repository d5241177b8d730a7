package dev.drover.spi.queue;

import dev.drover.spi.CallContext;
import dev.drover.spi.Jobs;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.Job;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.SetJobSpeedRequest;
import java.util.List;
import java.util.Optional;

/** The facet of a driver's jobs, some of which wait for a place: those the driver has not seen. */
public final class QueuedJobs implements Jobs {

  private final Jobs jobs;
  private final JobQueue queue;

  /**
   * Puts a queue before a driver's facet.
   *
   * @param jobs knows all jobs, and leads those that have begun
   */
  public QueuedJobs(Jobs jobs, JobQueue queue) {
    this.jobs = jobs;
    this.queue = queue;
  }

  @Override
  public Optional<Job> get(String jobId) {
    return jobs.get(jobId);
  }

  @Override
  public List<Job> list() {
    return jobs.list();
  }

  @Override
  public List<String> placeHolders(String jobId) {
    return queue.holders(jobId);
  }

  @Override
  public Job cancel(CallContext call, CancelJobRequest request) {
    return queue.cancel(request.getJobId()).orElseGet(() -> jobs.cancel(call, request));
  }

  @Override
  public Job complete(CallContext call, CompleteJobRequest request) {
    return jobs.complete(call, request);
  }

  @Override
  public Job resume(CallContext call, ResumeJobRequest request) {
    return jobs.resume(call, request);
  }

  @Override
  public Job setSpeed(CallContext call, SetJobSpeedRequest request) {
    return jobs.setSpeed(call, request);
  }
}
