package dev.drover.conformance.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.Quiesce;

/** Ends of jobs with the guest's file systems frozen, where nothing can be frozen (D14). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_BLOCK_COPY,
      Capability.CAPABILITY_JOB_GROUPS,
      Capability.CAPABILITY_GUEST_AGENT
    },
    off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
public final class QuiesceCases {

  private final Bench bench;

  /** Works on a bench. */
  public QuiesceCases(Bench bench) {
    this.bench = bench;
  }

  @Case("quiesce is refused where the domain has no agent, and the job is READY as before")
  @Requirement({"D14"})
  @InStates
  public void withoutAgent(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Job job = copy(domain);

    Refusal.of(() -> complete(job))
        .is(ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE)
        .tells("domain", domain.name());
    Refusal.of(() -> completeTogether(job))
        .is(ErrorReason.ERROR_REASON_GUEST_AGENT_UNAVAILABLE)
        .tells("domain", domain.name());

    assertThat(bench.jobs().get(job).getState()).isEqualTo(JobState.JOB_STATE_READY);
    var _ = bench.jobs().ended(bench.jobs().cancel(job));
    bench.check(domain).everywhere("vda", chain.images("active", "base"), chain.contents());
  }

  private Job copy(TestDomain domain) {
    return bench
        .jobs()
        .ready(
            bench
                .jobs()
                .copy(
                    BlockCopyRequest.newBuilder()
                        .setDomain(domain.ref())
                        .setDisk("vda")
                        .setDestination(
                            Image.newBuilder()
                                .setPath(bench.path("copy.qcow2"))
                                .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2))));
  }

  private void complete(Job job) {
    var _ =
        bench
            .calls()
            .jobs()
            .completeJob(
                CompleteJobRequest.newBuilder()
                    .setJobId(job.getId())
                    .setCompletion(JobCompletion.JOB_COMPLETION_KEEP)
                    .setQuiesce(Quiesce.getDefaultInstance())
                    .build());
  }

  private void completeTogether(Job job) {
    var _ =
        bench
            .calls()
            .jobs()
            .completeJobs(
                CompleteJobsRequest.newBuilder()
                    .addJobIds(job.getId())
                    .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                    .setQuiesce(Quiesce.getDefaultInstance())
                    .build());
  }
}
