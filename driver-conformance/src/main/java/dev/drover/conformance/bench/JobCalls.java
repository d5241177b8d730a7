package dev.drover.conformance.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.GetJobRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobState;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.SetJobSpeedRequest;
import dev.drover.v1.WaitJobRequest;
import java.util.List;

/**
 * Starting and following jobs.
 *
 * @param calls where the calls go
 */
public record JobCalls(Calls calls) {

  /** A limit so low that a job on a {@link DiskSize#LARGE} disk outlasts any case. */
  public static final Bandwidth CRAWL = Bandwidth.newBuilder().setBytesPerSecond(65_536).build();

  /** Starts a pull. */
  public Job pull(BlockPullRequest.Builder request) {
    return calls.blocks().blockPull(request.build()).getJob();
  }

  /** Starts a commit. */
  public Job commit(BlockCommitRequest.Builder request) {
    return calls.blocks().blockCommit(request.build()).getJob();
  }

  /** Starts a copy. */
  public Job copy(BlockCopyRequest.Builder request) {
    return calls.blocks().blockCopy(request.build()).getJob();
  }

  /** Starts a pull or a copy by the older call. */
  public Job rebase(BlockRebaseRequest.Builder request) {
    return calls.blocks().blockRebase(request.build()).getJob();
  }

  /** The record of a job. */
  public Job get(Job job) {
    return calls.jobs().getJob(GetJobRequest.newBuilder().setJobId(job.getId()).build()).getJob();
  }

  /** Waits for the end of a job. */
  public Job ended(Job job) {
    return calls.jobs().waitJob(WaitJobRequest.newBuilder().setJobId(job.getId()).build()).getJob();
  }

  /** Waits for the end of a job, and asserts that it succeeded. */
  public Job succeeded(Job job) {
    Job end = ended(job);
    assertThat(end.getState())
        .as("end of job %s: %s", end.getKind(), end.getError().getMessage())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    return end;
  }

  /** Waits until a job is READY, blocked, or has ended. */
  public Job until(Job job) {
    return calls
        .jobs()
        .waitJob(WaitJobRequest.newBuilder().setJobId(job.getId()).setUntilReady(true).build())
        .getJob();
  }

  /** Waits until a job is READY. */
  public Job ready(Job job) {
    Job now = until(job);
    assertThat(now.getState())
        .as("job %s: %s", now.getKind(), now.getError().getMessage())
        .isEqualTo(JobState.JOB_STATE_READY);
    return now;
  }

  /** Completes a READY job and waits for its end. */
  public Job complete(Job job, JobCompletion completion) {
    return calls
        .jobs()
        .completeJob(
            CompleteJobRequest.newBuilder().setJobId(job.getId()).setCompletion(completion).build())
        .getJob();
  }

  /** Orders a completion without waiting for the end. */
  public Job order(Job job, JobCompletion completion) {
    return calls
        .jobs()
        .completeJob(
            CompleteJobRequest.newBuilder()
                .setJobId(job.getId())
                .setCompletion(completion)
                .setAsync(true)
                .build())
        .getJob();
  }

  /** Waits for READY, pivots, and asserts that the disk went over. */
  public Job pivot(Job job) {
    Job end = complete(ready(job), JobCompletion.JOB_COMPLETION_PIVOT);
    assertThat(end.getState())
        .as("end of the pivot: %s", end.getError().getMessage())
        .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(end.getResult().getPivoted()).as("pivoted").isTrue();
    return end;
  }

  /** Cancels a job and waits for its end. */
  public Job cancel(Job job) {
    return calls
        .jobs()
        .cancelJob(CancelJobRequest.newBuilder().setJobId(job.getId()).build())
        .getJob();
  }

  /** Takes the limit off. */
  public Job unleash(Job job) {
    return calls
        .jobs()
        .setJobSpeed(SetJobSpeedRequest.newBuilder().setJobId(job.getId()).build())
        .getJob();
  }

  /** Jobs on record for a domain, the newest first. */
  public List<Job> of(TestDomain domain) {
    return calls
        .jobs()
        .listJobs(
            ListJobsRequest.newBuilder()
                .setFilter(JobFilter.newBuilder().setDomain(domain.byUuid()))
                .build())
        .getJobsList();
  }
}
