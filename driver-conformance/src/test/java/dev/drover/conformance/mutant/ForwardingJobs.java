package dev.drover.conformance.mutant;

import dev.drover.spi.CallContext;
import dev.drover.spi.Jobs;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.Job;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.SetJobSpeedRequest;
import java.util.List;
import java.util.Optional;

/** Follows and ends jobs as the real facet does, except where a mistake says otherwise. */
class ForwardingJobs implements Jobs {

  private final Jobs real;

  ForwardingJobs(Jobs real) {
    this.real = real;
  }

  /** What is said of a job, in every answer. */
  protected Job told(Job answer) {
    return answer;
  }

  @Override
  public Optional<Job> get(String jobId) {
    return real.get(jobId).map(this::told);
  }

  @Override
  public List<Job> list() {
    return real.list().stream().map(this::told).toList();
  }

  @Override
  public Job cancel(CallContext call, CancelJobRequest request) {
    return told(real.cancel(call, request));
  }

  @Override
  public Job complete(CallContext call, CompleteJobRequest request) {
    return told(real.complete(call, request));
  }

  @Override
  public Job resume(CallContext call, ResumeJobRequest request) {
    return told(real.resume(call, request));
  }

  @Override
  public Job setSpeed(CallContext call, SetJobSpeedRequest request) {
    return told(real.setSpeed(call, request));
  }
}
