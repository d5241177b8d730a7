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
import java.util.function.UnaryOperator;

/** Follows and ends jobs as the real facet does, except where a mistake says otherwise. */
class ForwardingJobs implements Jobs {

  private final Jobs real;
  private final UnaryOperator<Job> told;

  ForwardingJobs(Jobs real) {
    this(real, UnaryOperator.identity());
  }

  /**
   * The same, with something else said of jobs.
   *
   * @param told what is said of a job, in every answer
   */
  ForwardingJobs(Jobs real, UnaryOperator<Job> told) {
    this.real = real;
    this.told = told;
  }

  @Override
  public Optional<Job> get(String jobId) {
    return real.get(jobId).map(told);
  }

  @Override
  public List<Job> list() {
    return real.list().stream().map(told).toList();
  }

  @Override
  public List<String> placeHolders(String jobId) {
    return real.placeHolders(jobId);
  }

  @Override
  public Job cancel(CallContext call, CancelJobRequest request) {
    return told.apply(real.cancel(call, request));
  }

  @Override
  public Job complete(CallContext call, CompleteJobRequest request) {
    return told.apply(real.complete(call, request));
  }

  @Override
  public Job resume(CallContext call, ResumeJobRequest request) {
    return told.apply(real.resume(call, request));
  }

  @Override
  public Job setSpeed(CallContext call, SetJobSpeedRequest request) {
    return told.apply(real.setSpeed(call, request));
  }
}
