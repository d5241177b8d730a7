package dev.drover.conformance.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.conformance.Case;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Calls;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.Faults;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;

/** Jobs that cannot begin, and what comes in the middle of an end (E18, F3, R17). */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_TEST_CONTROL,
  Capability.CAPABILITY_BLOCK_COPY,
  Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT
})
@InStates({PowerState.PAUSED, PowerState.RUNNING})
public final class EndingFaultCases {

  private final Bench bench;
  private final Faults faults;

  /** Works on a bench. */
  public EndingFaultCases(Bench bench) {
    this.bench = bench;
    this.faults = new Faults(bench);
  }

  @Case("a copy that the hypervisor does not begin leaves neither a destination nor a job")
  @Requirement({"E18", "R2", "R17"})
  @Needs(off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
  @InStates
  public void notBegun(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Image copy =
        Image.newBuilder()
            .setPath(bench.path("copy.qcow2"))
            .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
            .build();
    BlockCopyRequest.Builder request =
        BlockCopyRequest.newBuilder().setDomain(domain.ref()).setDisk("vda").setDestination(copy);
    faults.arm("job.start", FaultKind.FAULT_KIND_ERROR);

    Refusal.of(() -> bench.jobs().copy(request.clone()))
        .is(ErrorReason.ERROR_REASON_INJECTED_FAULT);

    assertThat(bench.world().look(copy).exists()).as("the destination").isFalse();
    assertThat(bench.jobs().of(domain)).isEmpty();
    var _ = bench.jobs().pivot(bench.jobs().copy(request));
  }

  @Case("a pivot that is under way is not cancelled any more, and its speed not changed")
  @Requirement({"D8", "C14", "R17"})
  public void underWay(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Job job = bench.jobs().ready(bench.jobs().commit(commit(domain)));
    faults.arm("job.pivot", FaultKind.FAULT_KIND_HANG);
    var _ = bench.jobs().order(job, JobCompletion.JOB_COMPLETION_PIVOT);

    Refusal.of(() -> bench.jobs().cancel(job))
        .is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID)
        .tells("job", job.getId());
    Refusal.of(() -> bench.jobs().unleash(job)).is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID);

    faults.clear();
    assertThat(bench.jobs().succeeded(job).getResult().getPivoted()).isTrue();
    bench.check(domain).everywhere("vda", chain.images("base"), chain.contents());
  }

  @Case("a domain that is destroyed before the disk went over ends its pivot on the old image")
  @Requirement({"F3", "D9", "R17"})
  public void destroyedBefore(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Job job = stuck(domain, "job.pivot", JobState.JOB_STATE_PIVOTING);

    domain.destroy();

    Job end = bench.jobs().ended(job);
    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(end.getResult().getPivoted()).isFalse();
    bench.check(domain).stored("vda", chain.images("active", "base"), chain.contents());
  }

  @Case("a domain that is destroyed after the disk went over ends its pivot on the new image")
  @Requirement({"F3", "D5", "R17"})
  public void destroyedAfter(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Job job = stuck(domain, "job.finalize", JobState.JOB_STATE_FINALIZING);

    domain.destroy();

    Job end = bench.jobs().ended(job);
    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(end.getResult().getPivoted()).isTrue();
    bench.check(domain).stored("vda", chain.images("base"), chain.contents());
  }

  /** A job that was told to pivot and stands still at a step. */
  private Job stuck(TestDomain domain, String step, JobState at) {
    Job job = bench.jobs().ready(bench.jobs().commit(commit(domain)));
    faults.arm(step, FaultKind.FAULT_KIND_HANG);
    var _ = bench.jobs().order(job, JobCompletion.JOB_COMPLETION_PIVOT);
    await("the job stands at the step")
        .atMost(Calls.PATIENCE)
        .until(() -> bench.jobs().get(job).getState() == at);
    return job;
  }

  private static BlockCommitRequest.Builder commit(TestDomain domain) {
    return BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk("vda").setActive(true);
  }
}
