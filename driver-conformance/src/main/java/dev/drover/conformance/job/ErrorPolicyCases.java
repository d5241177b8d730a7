package dev.drover.conformance.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.Faults;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.Convergence;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobErrorPolicy;
import dev.drover.v1.JobState;
import dev.drover.v1.ResumeJobRequest;
import dev.drover.v1.WaitJobRequest;
import java.util.List;

/** What an I/O error does to a job, and who lets a blocked job go on (C20). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_BLOCK_PULL,
  Capability.CAPABILITY_BLOCK_COPY,
  Capability.CAPABILITY_BLOCK_COMMIT,
  Capability.CAPABILITY_JOB_POLICIES
})
public final class ErrorPolicyCases {

  private final Bench bench;

  /** Works on a bench. */
  public ErrorPolicyCases(Bench bench) {
    this.bench = bench;
  }

  /** Every policy. */
  public static List<JobErrorPolicy> policies() {
    return List.of(
        JobErrorPolicy.JOB_ERROR_POLICY_UNSPECIFIED,
        JobErrorPolicy.JOB_ERROR_POLICY_REPORT,
        JobErrorPolicy.JOB_ERROR_POLICY_STOP);
  }

  @Case("a policy is on the job's record and changes nothing where there is no error")
  @Requirement({"C20", "R1"})
  @EachOf("policies")
  public void noError(JobErrorPolicy policy) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start();

    Job commit =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        BlockCommitRequest.newBuilder()
                            .setDomain(domain.ref())
                            .setDisk("vda")
                            .setTop(chain.path("snap2"))
                            .setOnError(policy)));
    Job pull = bench.jobs().succeeded(bench.jobs().pull(pull(domain).setOnError(policy)));
    Job copy = bench.jobs().pivot(bench.jobs().copy(copy(domain).setOnError(policy)));

    assertThat(List.of(commit, pull, copy))
        .allSatisfy(job -> assertThat(job.getRequest().getOnError()).isEqualTo(policy));
    bench.check(domain).live("vda", List.of(destination()), chain.contents());
  }

  @Case("a job that is not blocked is answered as it is, one that has ended is refused")
  @Requirement({"C20", "R1"})
  public void nothingToResume() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();
    Job ready = bench.jobs().ready(bench.jobs().copy(copy(domain)));

    assertThat(resume(ready.getId()).getState()).isEqualTo(JobState.JOB_STATE_READY);
    Job ended = bench.jobs().pivot(ready);
    Refusal.of(() -> resume(ended.getId()))
        .is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID)
        .tells("job", ended.getId())
        .tells("state", "SUCCEEDED");
    Refusal.of(() -> resume("absent")).is(ErrorReason.ERROR_REASON_JOB_NOT_FOUND);
  }

  @Case("an error blocks a job whose policy says so, until it is resumed")
  @Requirement({"C20", "R1", "R17"})
  @Needs(Capability.CAPABILITY_TEST_CONTROL)
  public void stop() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    new Faults(bench).arm("job.running", FaultKind.FAULT_KIND_ERROR);
    Job job = bench.jobs().pull(pull(domain).setOnError(JobErrorPolicy.JOB_ERROR_POLICY_STOP));

    Job blocked = untilReady(job);
    assertThat(blocked.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(blocked.getBlocked()).isTrue();
    assertThat(blocked.getBlockedReason()).isEqualTo(ErrorReason.ERROR_REASON_JOB_IO_ERROR);
    assertThat(blocked.getBlockedDetail()).isNotBlank();

    assertThat(resume(job.getId()).getBlocked()).isFalse();
    Job end = bench.jobs().succeeded(job);
    assertThat(end.getBlockedReason()).isEqualTo(ErrorReason.ERROR_REASON_UNSPECIFIED);
    bench.check(domain).live("vda", chain.images("active"), chain.contents());
  }

  @Case("a job that an error blocks can be cancelled")
  @Requirement({"C20", "C11", "R17"})
  @Needs(Capability.CAPABILITY_TEST_CONTROL)
  public void cancel() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    new Faults(bench).arm("job.running", FaultKind.FAULT_KIND_ERROR);
    Job job = bench.jobs().copy(copy(domain).setOnError(JobErrorPolicy.JOB_ERROR_POLICY_STOP));
    assertThat(untilReady(job).getBlocked()).isTrue();

    Job end = bench.jobs().cancel(job);

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(end.getBlocked()).isFalse();
    assertThat(bench.world().look(destination()).exists()).isFalse();
    bench.check(domain).live("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("a full disk fails a job that must not be blocked")
  @Requirement({"C20", "R17", "D9"})
  @Needs(Capability.CAPABILITY_TEST_CONTROL)
  public void report() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    new Faults(bench).arm("job.running", FaultKind.FAULT_KIND_DISK_FULL);

    Job end =
        bench
            .jobs()
            .ended(
                bench.jobs().copy(copy(domain).setOnError(JobErrorPolicy.JOB_ERROR_POLICY_REPORT)));

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    Refusal.ofJob(end).is(ErrorReason.ERROR_REASON_NO_SPACE).names("path");
    assertThat(bench.world().look(destination()).exists()).isFalse();
    bench.check(domain).live("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("the time in which a job is blocked counts for its deadline")
  @Requirement({"C20", "R19", "R17"})
  @Needs(Capability.CAPABILITY_TEST_CONTROL)
  public void blockedTooLong() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    new Faults(bench).arm("job.running", FaultKind.FAULT_KIND_DISK_FULL);

    Job end =
        bench
            .jobs()
            .ended(
                bench
                    .jobs()
                    .copy(
                        copy(domain)
                            .setConvergence(
                                Convergence.newBuilder()
                                    .setDeadline(
                                        com.google.protobuf.Duration.newBuilder().setSeconds(1)))));

    Refusal.ofJob(end).is(ErrorReason.ERROR_REASON_JOB_NOT_CONVERGED);
    bench.check(domain).live("vda", chain.images("active", "base"), chain.contents());
  }

  /** A blocked job needs somebody, so that waiting for READY ends. */
  private Job untilReady(Job job) {
    return bench
        .calls()
        .jobs()
        .waitJob(WaitJobRequest.newBuilder().setJobId(job.getId()).setUntilReady(true).build())
        .getJob();
  }

  private Job resume(String id) {
    return bench
        .calls()
        .jobs()
        .resumeJob(ResumeJobRequest.newBuilder().setJobId(id).build())
        .getJob();
  }

  private static BlockPullRequest.Builder pull(TestDomain domain) {
    return BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda");
  }

  private BlockCopyRequest.Builder copy(TestDomain domain) {
    return BlockCopyRequest.newBuilder()
        .setDomain(domain.ref())
        .setDisk("vda")
        .setDestination(destination());
  }

  private Image destination() {
    return Image.newBuilder()
        .setPath(bench.path("copy.qcow2"))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }
}
