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
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import java.util.List;

/** Jobs on shut-off domains are jobs like any other (C16 to C18). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_BLOCK_PULL,
  Capability.CAPABILITY_BLOCK_COMMIT,
  Capability.CAPABILITY_BLOCK_JOBS_OFFLINE
})
@InStates(PowerState.OFF)
public final class OfflineCases {

  private final Bench bench;

  /** Works on a bench. */
  public OfflineCases(Bench bench) {
    this.bench = bench;
  }

  @Case("the active image of a shut-off domain goes into the image below, which is then the disk")
  @Requirement({"C2", "C3", "C13", "C17", "R15"})
  public void commitShallow() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain);

    Job end =
        bench
            .jobs()
            .succeeded(
                bench.jobs().commit(commitOf(domain).setBase(chain.path("snap2")).setDelete(true)));

    assertThat(end.getKind()).isEqualTo(JobKind.JOB_KIND_COMMIT);
    assertThat(end.hasReadyTime()).as("a job that ends by itself is never READY").isFalse();
    assertThat(end.getResult().getPivoted()).isFalse();
    assertThat(end.getResult().getDeletedPathsList()).containsExactly(chain.path("active"));
    bench.check(domain).stored("vda", chain.images("snap2", "snap1", "base"), chain.contents());
  }

  @Case("the active image of a shut-off domain goes into an image in the middle")
  @Requirement({"C7", "C16", "C17", "R15"})
  public void commitIntoTheMiddle() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain);

    Job end =
        bench.jobs().succeeded(bench.jobs().commit(commitOf(domain).setBase(chain.path("snap1"))));

    assertThat(end.getResult().getInvalidatedPathsList())
        .containsExactlyInAnyOrder(chain.path("active"), chain.path("snap2"));
    bench.check(domain).stored("vda", chain.images("snap1", "base"), chain.contents());
    domain.start();
    bench.check(domain).chain("vda", chain.images("snap1", "base"));
  }

  @Case("a commit that ends by itself keeps nothing and takes no completion")
  @Requirement({"D10", "C16"})
  public void commitEndsByItself() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain);

    Refusal.of(
            () ->
                bench
                    .jobs()
                    .commit(commitOf(domain).setAutoComplete(JobCompletion.JOB_COMPLETION_KEEP)))
        .is(ErrorReason.ERROR_REASON_JOB_KIND_INVALID);
    Job end =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        commitOf(domain)
                            .setActive(true)
                            .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)));
    Refusal.of(() -> bench.jobs().complete(end, JobCompletion.JOB_COMPLETION_PIVOT))
        .is(ErrorReason.ERROR_REASON_JOB_KIND_INVALID);

    bench.check(domain).stored("vda", chain.images("base"), chain.contents());
  }

  @Case("a shut-off domain's disk is copied and goes over to the copy")
  @Requirement({"E3", "E16", "C16", "C17", "R15"})
  @Needs(Capability.CAPABILITY_BLOCK_COPY)
  public void copyAndPivot() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain);
    Image copy = destination();

    Job job = bench.jobs().ready(bench.jobs().copy(copyOf(domain, copy)));
    Refusal.of(domain::start)
        .is(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE)
        .tells("job", job.getId());
    var _ = bench.jobs().pivot(job);

    bench.check(domain).stored("vda", List.of(copy), chain.contents());
  }

  @Case("a shut-off domain's disk is copied and stays; the copy holds the same")
  @Requirement({"D9", "D11", "E15", "R15"})
  @Needs(Capability.CAPABILITY_BLOCK_COPY)
  public void copyAndKeep() {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain);
    Image copy = destination();

    Job end =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .copy(copyOf(domain, copy).setAutoComplete(JobCompletion.JOB_COMPLETION_KEEP)));

    assertThat(end.getResult().getPivoted()).isFalse();
    bench.check(domain).shows(copy, chain.contents());
    bench
        .check(domain)
        .stored("vda", chain.images("active", "snap2", "snap1", "base"), chain.contents());
  }

  @Case("the speed of a job on a shut-off domain is changed while it runs")
  @Requirement({"C14", "R15", "R19"})
  public void speed() {
    DiskChain chain = bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active");
    TestDomain domain = bench.define(chain);
    Job job =
        bench
            .jobs()
            .pull(
                BlockPullRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .setBandwidth(JobCalls.CRAWL));
    assertThat(job.getSpeedBytesPerSecond()).isEqualTo(JobCalls.CRAWL.getBytesPerSecond());

    assertThat(bench.jobs().unleash(job).getSpeedBytesPerSecond()).isZero();
    var _ = bench.jobs().succeeded(job);

    bench.check(domain).stored("vda", chain.images("active"), chain.contents());
  }

  @Case("a disk under a job of its shut-off domain is not defined anew, another property is")
  @Requirement({"C18", "R15"})
  public void redefinition() {
    DiskChain chain = bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active");
    TestDomain domain = bench.define(chain);
    Job job =
        bench
            .jobs()
            .pull(
                BlockPullRequest.newBuilder()
                    .setDomain(domain.ref())
                    .setDisk("vda")
                    .setBandwidth(JobCalls.CRAWL));
    DomainSpec spec = domain.get().getSpec();

    Refusal.of(() -> define(spec.toBuilder().clearDisks().build()))
        .is(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE)
        .tells("job", job.getId());
    define(spec.toBuilder().setMemoryBytes(2 * spec.getMemoryBytes()).build());

    assertThat(bench.jobs().cancel(job).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    define(spec.toBuilder().clearDisks().build());
    assertThat(domain.get().getSpec().getDisksList()).isEmpty();
  }

  private void define(DomainSpec spec) {
    var _ =
        bench
            .calls()
            .domains()
            .defineDomain(DefineDomainRequest.newBuilder().setSpec(spec).build());
  }

  private static BlockCommitRequest.Builder commitOf(TestDomain domain) {
    return BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk("vda");
  }

  private static BlockCopyRequest.Builder copyOf(TestDomain domain, Image copy) {
    return BlockCopyRequest.newBuilder()
        .setDomain(domain.ref())
        .setDisk("vda")
        .setDestination(copy);
  }

  private Image destination() {
    return Image.newBuilder()
        .setPath(bench.path("copy.qcow2"))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }
}
