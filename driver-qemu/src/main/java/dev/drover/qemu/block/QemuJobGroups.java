package dev.drover.qemu.block;

import dev.drover.spi.CallContext;
import dev.drover.spi.JobGroups;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobGroupRules;
import dev.drover.spi.job.JobRules;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;
import dev.drover.v1.Job;
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
    JobGroupRules.require(book, ids);
    if (request.getWaitReady()) {
      ids.forEach(id -> book.await(call, id, JobRules::pastCopying));
    }
    Duration quiesce = JobGroupRules.freezeLimit(request);
    boolean ordered = false;
    while (!ordered) {
      List<Job> now = ids.stream().map(book::require).toList();
      ordered =
          JobGroupRules.areCompleting(now, request.getCompletion())
              || jobs.orderTogether(now, request.getCompletion(), quiesce);
    }
    return JobGroupRules.response(ids.stream().map(id -> jobs.awaitCompleted(call, id)).toList());
  }
}
