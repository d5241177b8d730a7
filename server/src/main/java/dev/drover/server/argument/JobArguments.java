package dev.drover.server.argument;

import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.GetJobRequest;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.SetJobSpeedRequest;
import dev.drover.v1.WaitJobRequest;
import dev.drover.v1.WatchJobRequest;
import java.util.Set;

/** Rules of the requests of JobService. */
final class JobArguments {

  private static final int MOST_JOBS = 64;

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
              completion(request.getCompletion());
              PolicyArguments.quiesce(request.getQuiesce());
              Argument.requestId(request.getRequestId());
            })
        .add(CompleteJobsRequest.class, JobArguments::completeJobs)
        .add(
            ResumeJobRequest.class,
            request -> {
              Argument.required(request.getJobId(), "job_id");
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

  private static void completeJobs(CompleteJobsRequest request) {
    int count = request.getJobIdsCount();
    Argument.that(
        count >= 1 && count <= MOST_JOBS, "job_ids", "must hold 1 to " + MOST_JOBS + " ids");
    request.getJobIdsList().forEach(id -> Argument.required(id, "job_ids"));
    Argument.that(
        Set.copyOf(request.getJobIdsList()).size() == count,
        "job_ids",
        "must name each job once only");
    completion(request.getCompletion());
    PolicyArguments.quiesce(request.getQuiesce());
    Argument.requestId(request.getRequestId());
  }

  private static void completion(JobCompletion completion) {
    Argument.that(
        completion != JobCompletion.JOB_COMPLETION_UNSPECIFIED,
        "completion",
        "is required: JOB_COMPLETION_PIVOT or JOB_COMPLETION_KEEP");
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
