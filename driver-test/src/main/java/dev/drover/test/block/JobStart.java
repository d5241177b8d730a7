package dev.drover.test.block;

import dev.drover.spi.CallContext;
import dev.drover.spi.block.Chain;
import dev.drover.spi.block.CommitPlan;
import dev.drover.spi.block.CopyPlan;
import dev.drover.spi.block.PullPlan;
import dev.drover.spi.snapshot.HeldInside;
import dev.drover.test.hypervisor.OpenDisk;
import dev.drover.test.hypervisor.World;
import dev.drover.test.model.BlockImage;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobRequest;
import java.util.List;

/**
 * A job as a request asks for it, checked against the chain: what is recorded, and how its images
 * are made ready.
 */
sealed interface JobStart {

  /** Kind of the job. */
  JobKind kind();

  /** What the job records of the request. */
  JobRequest request();

  /** How it ends once READY; unspecified for kinds of one phase. */
  JobCompletion completion();

  /** Makes the images ready, with faults at their steps. */
  JobTask prepare(CallContext call, OpenDisk disk);

  /** Removes what {@link #prepare} made, also where it failed. */
  void undo();

  /** A pull. */
  record Pull(World world, PullPlan plan, BlockPullRequest asked) implements JobStart {

    static Pull of(World world, Chain chain, BlockPullRequest request) {
      PullPlan plan = PullPlan.of(chain, request);
      new HeldInside(world.snapshots().listAll(), String::equals).requirePullable(chain, plan);
      return new Pull(world, plan, request);
    }

    @Override
    public JobKind kind() {
      return JobKind.JOB_KIND_PULL;
    }

    @Override
    public JobRequest request() {
      return plan.request(asked);
    }

    @Override
    public JobCompletion completion() {
      return JobCompletion.JOB_COMPLETION_UNSPECIFIED;
    }

    @Override
    public JobTask prepare(CallContext call, OpenDisk disk) {
      world.disks().claim(disk, disk.images().get(plan.into().getIndex()));
      return new JobTask.Pull(plan);
    }

    @Override
    public void undo() {}
  }

  /** A commit. */
  record Commit(World world, CommitPlan plan, BlockCommitRequest asked) implements JobStart {

    static Commit of(
        World world, OpenDisk disk, Chain chain, BlockCommitRequest request, boolean running) {
      CommitPlan plan = CommitPlan.of(chain, request, running);
      new HeldInside(world.snapshots().listAll(), String::equals).requireCommittable(chain, plan);
      claim(world, disk, plan);
      world.disks().disclaim(disk);
      return new Commit(world, plan, request);
    }

    @Override
    public JobKind kind() {
      return plan.kind();
    }

    @Override
    public JobRequest request() {
      return plan.request(asked);
    }

    @Override
    public JobCompletion completion() {
      return plan.twoPhase() ? asked.getAutoComplete() : JobCompletion.JOB_COMPLETION_UNSPECIFIED;
    }

    @Override
    public JobTask prepare(CallContext call, OpenDisk disk) {
      claim(world, disk, plan);
      return new JobTask.Commit(plan);
    }

    @Override
    public void undo() {}

    /** Base is written to, and so is the header above top. */
    private static void claim(World world, OpenDisk disk, CommitPlan plan) {
      List<BlockImage> images = disk.images();
      world.disks().claim(disk, images.get(plan.base().getIndex()));
      plan.overlay()
          .ifPresent(overlay -> world.disks().claim(disk, images.get(overlay.getIndex())));
    }
  }

  /** A copy. */
  record Copy(World world, Destinations destinations, CopyPlan plan, BlockCopyRequest asked)
      implements JobStart {

    static Copy of(World world, OpenDisk disk, Chain chain, BlockCopyRequest request) {
      if (request.getAutoComplete() == JobCompletion.JOB_COMPLETION_PIVOT) {
        new HeldInside(world.snapshots().listAll(), String::equals).requireLeavable(chain);
      }
      Destinations destinations = new Destinations(world);
      CopyPlan plan = CopyPlan.of(chain, request);
      destinations.check(plan, disk);
      return new Copy(world, destinations, plan, request);
    }

    @Override
    public JobKind kind() {
      return JobKind.JOB_KIND_COPY;
    }

    @Override
    public JobRequest request() {
      return plan.request(asked);
    }

    @Override
    public JobCompletion completion() {
      return asked.getAutoComplete();
    }

    @Override
    public JobTask prepare(CallContext call, OpenDisk disk) {
      return new JobTask.Copy(plan, destinations.open(call, plan, disk), !plan.reuseExternal());
    }

    @Override
    public void undo() {
      destinations.undo();
    }
  }
}
