package dev.drover.test.block;

import dev.drover.spi.CallContext;
import dev.drover.spi.JobGroups;
import dev.drover.spi.job.JobGroupRules;
import dev.drover.spi.job.JobRules;
import dev.drover.spi.snapshot.HeldInside;
import dev.drover.test.hypervisor.World;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;
import dev.drover.v1.Job;
import java.util.List;

/** Jobs that end at one moment. */
public final class TestJobGroups implements JobGroups {

  private final World world;
  private final JobEngine engine;
  private final TestJobs jobs;

  TestJobGroups(World world, JobEngine engine, TestJobs jobs) {
    this.world = world;
    this.engine = engine;
    this.jobs = jobs;
  }

  @Override
  public CompleteJobsResponse complete(CallContext call, CompleteJobsRequest request) {
    List<String> ids = request.getJobIdsList();
    JobGroupRules.require(world.jobs(), ids);
    if (request.getWaitReady()) {
      ids.forEach(id -> world.jobs().await(call, id, JobRules::pastCopying));
    }
    world.lock().run(() -> order(request));
    return JobGroupRules.response(ids.stream().map(id -> jobs.completed(call, id)).toList());
  }

  private void order(CompleteJobsRequest request) {
    List<Job> now = request.getJobIdsList().stream().map(world.jobs()::require).toList();
    new HeldInside(world.snapshots().listAll(), String::equals)
        .requireCompletable(now, request.getCompletion());
    if (!JobGroupRules.areCompleting(now, request.getCompletion())) {
      engine.endTogether(
          request.getJobIdsList(), request.getCompletion(), JobGroupRules.freezeLimit(request));
    }
  }
}
