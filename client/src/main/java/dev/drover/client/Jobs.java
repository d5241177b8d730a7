package dev.drover.client;

import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;
import dev.drover.v1.GetJobRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.ListJobsResponse;
import java.time.Duration;
import java.util.List;

/** The jobs of a connection, those that ended included. */
public final class Jobs {
  private static final int PAGE = 500;

  private final Connection connection;

  Jobs(Connection connection) {
    this.connection = connection;
  }

  /**
   * One job by id.
   *
   * @throws DroverException JOB_NOT_FOUND
   */
  public JobHandle get(String id) {
    Job job =
        connection
            .read(
                JobServiceGrpc.getGetJobMethod(),
                GetJobRequest.newBuilder().setJobId(id).build(),
                connection.settings().deadline())
            .getJob();
    return new JobHandle(connection, job);
  }

  /**
   * Ends several READY mirrors of one domain at one moment, with its guest held, and waits for
   * their end (D15). Nothing is decided before all can be ended; the answer tells how long the
   * guest was held.
   *
   * @param ids the jobs, each once
   * @param request how they end; its jobs are set to these
   * @throws DroverException JOB_NOT_READY, JOB_KIND_INVALID, JOB_STATE_INVALID, JOB_FAILED,
   *     INVALID_ARGUMENT where they are of several domains
   */
  public CompleteJobsResponse completeTogether(
      List<String> ids, CompleteJobsRequest.Builder request, Duration timeout) {
    return connection.call(
        JobServiceGrpc.getCompleteJobsMethod(),
        request.clearJobIds().addAllJobIds(ids).build(),
        timeout);
  }

  /** The jobs a filter chooses, the newest first. */
  public List<Job> list(JobFilter filter) {
    return Pages.all(
        token ->
            connection.read(
                JobServiceGrpc.getListJobsMethod(),
                ListJobsRequest.newBuilder()
                    .setPageSize(PAGE)
                    .setPageToken(token)
                    .setFilter(filter)
                    .build(),
                connection.settings().deadline()),
        ListJobsResponse::getJobsList,
        ListJobsResponse::getNextPageToken);
  }
}
