package dev.drover.client;

import dev.drover.v1.GetJobRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobServiceGrpc;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.ListJobsResponse;
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
            .call(
                JobServiceGrpc.getGetJobMethod(),
                GetJobRequest.newBuilder().setJobId(id).build(),
                connection.settings().deadline())
            .getJob();
    return new JobHandle(connection, job);
  }

  /** The jobs a filter chooses, the newest first. */
  public List<Job> list(JobFilter filter) {
    return Pages.all(
        token ->
            connection.call(
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
