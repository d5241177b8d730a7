package dev.drover.conformance.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;

/** What the record of a job says while it goes on, and what is left of an intention given up. */
@Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_COPY})
@InStates
public final class JobCourseCases {

  private final Bench bench;

  /** Works on a bench. */
  public JobCourseCases(Bench bench) {
    this.bench = bench;
  }

  @Case("while nothing has changed, the chain after a job is the one before it")
  @Requirement({"R1"})
  public void chainMeanwhile(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);

    Job job = bench.jobs().ready(bench.jobs().copy(request(domain)));

    assertThat(job.getResult().getChainBeforeList())
        .as("chain before")
        .extracting(image -> image.getPath())
        .containsExactly(chain.path("active"), chain.path("base"));
    assertThat(job.getResult().getChainAfterList())
        .as("chain after a job that goes on")
        .isEqualTo(job.getResult().getChainBeforeList());
    var _ = bench.jobs().cancel(job);
  }

  @Case("a job that is cancelled has no end left that it was to have by itself")
  @Requirement({"D7", "D9"})
  public void noEndLeft(PowerState state) {
    DiskChain chain = bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "active");
    TestDomain domain = bench.define(chain).start(state);
    Job job =
        bench
            .jobs()
            .copy(
                request(domain)
                    .setBandwidth(JobCalls.CRAWL)
                    .setAutoComplete(JobCompletion.JOB_COMPLETION_KEEP));
    assertThat(job.getCompletion()).isEqualTo(JobCompletion.JOB_COMPLETION_KEEP);

    Job end = bench.jobs().cancel(job);

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(end.getCompletion())
        .as("how a job that was cancelled ends once READY")
        .isEqualTo(JobCompletion.JOB_COMPLETION_UNSPECIFIED);
  }

  private BlockCopyRequest.Builder request(TestDomain domain) {
    return BlockCopyRequest.newBuilder()
        .setDomain(domain.ref())
        .setDisk("vda")
        .setDestination(
            Image.newBuilder()
                .setPath(bench.path("copy.qcow2"))
                .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2));
  }
}
