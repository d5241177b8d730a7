package dev.drover.server.argument;

import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.GetJobRequest;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.SetJobSpeedRequest;
import dev.drover.v1.WaitJobRequest;
import dev.drover.v1.WatchJobRequest;

/** Rules of the requests of JobService. */
final class JobArguments {

  private JobArguments() {}

  static void register(ArgumentRules.Table table) {
    table
        .add(GetJobRequest.class, request -> Argument.required(request.getJobId(), "job_id"))
        .add(WatchJobRequest.class, request -> Argument.required(request.getJobId(), "job_id"))
        .add(WaitJobRequest.class, request -> Argument.required(request.getJobId(), "job_id"))
        .add(ListJobsRequest.class, JobArguments::list)
        .add(
            CancelJobRequest.class,
            request -> {
              Argument.required(request.getJobId(), "job_id");
              Argument.requestId(request.getRequestId());
            })
        .add(
            CompleteJobRequest.class,
            request -> {
              Argument.required(request.getJobId(), "job_id");
              Argument.that(
                  request.getCompletion() != JobCompletion.JOB_COMPLETION_UNSPECIFIED,
                  "completion",
                  "is required: JOB_COMPLETION_PIVOT or JOB_COMPLETION_KEEP");
              Argument.requestId(request.getRequestId());
            })
        .add(
            SetJobSpeedRequest.class,
            request -> {
              Argument.required(request.getJobId(), "job_id");
              Argument.bandwidth(request.getBandwidth());
              Argument.requestId(request.getRequestId());
            });
  }

  private static void list(ListJobsRequest request) {
    Argument.pageSize(request.getPageSize());
    JobFilter filter = request.getFilter();
    if (filter.hasDomain()) {
      Argument.domain(filter.getDomain(), "filter.domain");
    }
    Argument.that(
        !filter.getStatesList().contains(JobState.JOB_STATE_UNSPECIFIED),
        "filter.states",
        "must not hold JOB_STATE_UNSPECIFIED");
    Argument.that(
        !filter.getKindsList().contains(JobKind.JOB_KIND_UNSPECIFIED),
        "filter.kinds",
        "must not hold JOB_KIND_UNSPECIFIED");
  }
}
