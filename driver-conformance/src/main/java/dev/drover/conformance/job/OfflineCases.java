package dev.drover.conformance.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;

/** Jobs on shut-off domains are jobs like any other (C16 to C18). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_BLOCK_PULL,
  Capability.CAPABILITY_BLOCK_COMMIT,
  Capability.CAPABILITY_BLOCK_JOBS_OFFLINE
})
public final class OfflineCases {

  private final Bench bench;

  /** Works on a bench. */
  public OfflineCases(Bench bench) {
    this.bench = bench;
  }

  @Case("an active image of a shut-off domain is committed, and the definition follows")
  @Requirement({"C1", "C16", "C17", "R15"})
  public void commit() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain);

    var _ =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk("vda")));

    bench.check(domain).stored("vda", chain.images("base"), chain.contents());
  }

  @Case("an intermediate image of a shut-off domain is committed")
  @Requirement({"C4", "C5", "C16", "R15"})
  public void intermediate() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain);

    var _ =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setTop(chain.path("snap2"))));

    bench.check(domain).stored("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("a shut-off domain's disk is pulled")
  @Requirement({"E1", "C16", "R15"})
  public void pull() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain);

    var _ =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .pull(BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda")));

    bench.check(domain).stored("vda", chain.images("active"), chain.contents());
  }

  @Case("a job on a shut-off domain holds back start, undefine and a second job")
  @Requirement({"C11", "C18", "R15"})
  public void busy() {
    DiskChain chain = bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active");
    TestDomain domain = bench.define(chain);
    BlockPullRequest.Builder request =
        BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda");
    Job job = bench.jobs().pull(request.clone().setBandwidth(JobCalls.CRAWL));

    Refusal.of(domain::start)
        .is(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE)
        .tells("job", job.getId());
    Refusal.of(domain::undefine)
        .is(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE)
        .tells("job", job.getId());
    Refusal.of(() -> bench.jobs().pull(request))
        .is(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE)
        .tells("job", job.getId());

    assertThat(bench.jobs().cancel(job).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    bench.check(domain).stored("vda", chain.images("active", "base"), chain.contents());
    assertThat(domain.start().get().getStatus().getId()).isPositive();
  }
}
