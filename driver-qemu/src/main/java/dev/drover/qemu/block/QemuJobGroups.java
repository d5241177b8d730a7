package dev.drover.qemu.block;

import dev.drover.spi.CallContext;
import dev.drover.spi.JobGroups;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobGroupRules;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.time.Duration;
import java.util.List;

/** Jobs that end at one moment. */
public final class QemuJobGroups implements JobGroups {

  private final JobBook book;
  private final QemuJobs jobs;

  QemuJobGroups(JobBook book, QemuJobs jobs) {
    this.book = book;
    this.jobs = jobs;
  }

  @Override
  public CompleteJobsResponse complete(CallContext call, CompleteJobsRequest request) {
    List<String> ids = request.getJobIdsList();
    List<Job> named = JobGroupRules.require(book, ids);
    named.forEach(QemuJobs::requireTwoPhases);
    if (request.getWaitReady()) {
      ids.forEach(id -> jobs.awaitReady(call, id));
    }
    Duration quiesce = JobGroupRules.freezeLimit(request);
    boolean ordered = false;
    while (!ordered) {
      List<Job> now = ids.stream().map(book::require).toList();
      ordered =
          isCompleting(now, request)
              || jobs.orderTogether(ready(now), request.getCompletion(), quiesce);
    }
    return JobGroupRules.response(ids.stream().map(id -> jobs.awaitCompleted(call, id)).toList());
  }

  private static boolean isCompleting(List<Job> now, CompleteJobsRequest request) {
    return now.stream().allMatch(job -> QemuJobs.isCompleting(job, request.getCompletion()));
  }

  private static List<Job> ready(List<Job> now) {
    now.stream()
        .filter(job -> job.getState() != JobState.JOB_STATE_READY)
        .findFirst()
        .ifPresent(
            job -> {
              throw QemuJobs.notCompletable(job);
            });
    return now;
  }
}
