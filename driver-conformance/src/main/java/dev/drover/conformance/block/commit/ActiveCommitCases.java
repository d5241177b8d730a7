package dev.drover.conformance.block.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.DiskContents;
import dev.drover.conformance.Fill;
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
import dev.drover.v1.Capability;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.util.List;

/** The two phases of an active commit and their ends (section 1D). */
@Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT})
public final class ActiveCommitCases {

  private static final List<Fill> WRITE = List.of(new Fill(Fill.BLOCK, 4 * Fill.BLOCK, 0xc1));
  private static final List<Fill> LATER = List.of(new Fill(3 * Fill.BLOCK, 4 * Fill.BLOCK, 0xc2));

  private final Bench bench;

  /** Works on a bench. */
  public ActiveCommitCases(Bench bench) {
    this.bench = bench;
  }

  @Case("the active image of a running domain is not committed without active")
  @Requirement({"C8", "D1"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void activeRequired(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);

    Refusal.of(() -> bench.jobs().commit(request(domain).setActive(false)))
        .is(ErrorReason.ERROR_REASON_ACTIVE_COMMIT_REQUIRED);
    assertThat(bench.jobs().of(domain)).isEmpty();
  }

  @Case("active is refused for an image that is not the active one")
  @Requirement({"D1"})
  @Needs(value = Capability.CAPABILITY_BLOCK_COMMIT, off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
  @InStates
  public void topNotActive(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);

    Refusal.of(() -> bench.jobs().commit(request(domain).setTop(chain.path("snap2"))))
        .is(ErrorReason.ERROR_REASON_TOP_NOT_ACTIVE);
    assertThat(bench.jobs().of(domain)).isEmpty();
  }

  @Case("keeping the overlay leaves a base that holds the moment, and the cycle can begin anew")
  @Requirement({"D3", "D9", "D11", "D6"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void keep(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    domain.write("vda", WRITE);
    Job job = bench.jobs().ready(bench.jobs().commit(request(domain)));

    Job end = bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_KEEP);

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(end.getResult().getPivoted()).isFalse();
    assertThat(end.hasError()).isFalse();
    DiskContents moment = chain.contents().with(WRITE);
    List<Image> both = chain.images("active", "base");
    domain.write("vda", LATER);
    bench.check(domain).live("vda", both, moment.with(LATER));
    bench.check(domain).shows(chain.layer("base"), moment);

    var _ = bench.jobs().pivot(bench.jobs().commit(request(domain)));
    bench.check(domain).everywhere("vda", chain.images("base"), moment.with(LATER));
  }

  @Case("cancelling in the first phase reverts to the overlay")
  @Requirement({"D9", "C11", "C12"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void cancelEarly(PowerState state) {
    DiskChain chain = large();
    TestDomain domain = bench.define(chain).start(state);
    Job job = bench.jobs().commit(request(domain).setBandwidth(JobCalls.CRAWL));
    assertThat(bench.jobs().get(job).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    domain.write("vda", WRITE);

    Job end = bench.jobs().cancel(job);

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(end.getResult().getPivoted()).isFalse();
    bench
        .check(domain)
        .everywhere("vda", chain.images("active", "base"), chain.contents().with(WRITE));
  }

  @Case("cancelling in READY is no pivot: the overlay stays, the base holds the moment")
  @Requirement({"D9"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void cancelReady(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);
    domain.write("vda", WRITE);
    Job job = bench.jobs().ready(bench.jobs().commit(request(domain)));

    Job end = bench.jobs().cancel(job);

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(end.getResult().getPivoted()).isFalse();
    assertThat(Refusal.reasonOf(end.getError())).contains(ErrorReason.ERROR_REASON_JOB_CANCELLED);
    bench.check(domain).shows(chain.layer("base"), chain.contents().with(WRITE));
    domain.write("vda", LATER);
    bench
        .check(domain)
        .everywhere(
            "vda",
            chain.images("active", "snap2", "snap1", "base"),
            chain.contents().with(WRITE).with(LATER));
  }

  @Case("a pivot before READY is refused, and the job goes on")
  @Requirement({"D10", "R5"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void pivotTooEarly(PowerState state) {
    DiskChain chain = large();
    TestDomain domain = bench.define(chain).start(state);
    Job job = bench.jobs().commit(request(domain).setBandwidth(JobCalls.CRAWL));

    Refusal.of(() -> bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_PIVOT))
        .is(ErrorReason.ERROR_REASON_JOB_NOT_READY)
        .tells("job", job.getId())
        .names("state");

    var _ = bench.jobs().unleash(job);
    var _ = bench.jobs().pivot(job);
    bench.check(domain).everywhere("vda", chain.images("base"), chain.contents());
  }

  @Case("wait_ready lets a pivot wait for READY within the deadline")
  @Requirement({"R5"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void pivotWaits(PowerState state) {
    DiskChain chain = large();
    TestDomain domain = bench.define(chain).start(state);
    Job job = bench.jobs().commit(request(domain));

    Job end =
        bench
            .calls()
            .jobs()
            .completeJob(
                CompleteJobRequest.newBuilder()
                    .setJobId(job.getId())
                    .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                    .setWaitReady(true)
                    .build())
            .getJob();

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(end.getResult().getPivoted()).isTrue();
    bench.check(domain).everywhere("vda", chain.images("base"), chain.contents());
  }

  @Case("auto_complete pivots or keeps by itself once READY")
  @Requirement({"D7"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void completesItself(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);

    Job kept =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        request(domain)
                            .setShallow(true)
                            .setAutoComplete(JobCompletion.JOB_COMPLETION_KEEP)));
    assertThat(kept.getResult().getPivoted()).isFalse();
    bench.check(domain).chain("vda", chain.images("active", "snap2", "snap1", "base"));

    Job pivoted =
        bench
            .jobs()
            .succeeded(
                bench
                    .jobs()
                    .commit(
                        request(domain)
                            .setShallow(true)
                            .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)));
    assertThat(pivoted.getResult().getPivoted()).isTrue();
    bench.check(domain).everywhere("vda", chain.images("snap2", "snap1", "base"), chain.contents());
  }

  @Case("delete removes the overlay after a pivot, and nothing after a keep")
  @Requirement({"C3", "C13"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void deletesAfterPivot(PowerState state) {
    DiskChain chain = bench.fourLayers();
    TestDomain domain = bench.define(chain).start(state);
    BlockCommitRequest.Builder request =
        request(domain).setBase(chain.path("snap2")).setDelete(true);

    Job kept =
        bench
            .jobs()
            .complete(
                bench.jobs().ready(bench.jobs().commit(request.clone())),
                JobCompletion.JOB_COMPLETION_KEEP);
    assertThat(kept.getResult().getDeletedPathsList()).isEmpty();
    assertThat(bench.world().look(chain.active()).exists()).isTrue();

    Job end = bench.jobs().pivot(bench.jobs().commit(request));
    assertThat(end.getResult().getDeletedPathsList()).containsExactly(chain.path("active"));
    assertThat(bench.world().look(chain.active()).exists()).isFalse();
    bench.check(domain).everywhere("vda", chain.images("snap2", "snap1", "base"), chain.contents());
  }

  @Case("guest, pause and resume go on through both phases")
  @Requirement({"F3", "R15"})
  @InStates(PowerState.RUNNING)
  public void pauseAndResume() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(PowerState.RUNNING);
    Job job = bench.jobs().ready(bench.jobs().commit(request(domain)));

    domain.suspend();
    domain.write("vda", WRITE);
    domain.resume();
    assertThat(bench.jobs().get(job).getState()).isEqualTo(JobState.JOB_STATE_READY);
    var _ = bench.jobs().pivot(job);

    assertThat(domain.get().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    bench.check(domain).everywhere("vda", chain.images("base"), chain.contents().with(WRITE));
  }

  @Case("two disks are committed and pivoted independently of each other")
  @Requirement({"R1", "D5"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void twoDisks(PowerState state) {
    DiskChain first = bench.chain("vda", "base", "active");
    DiskChain second = bench.chain("vdb", "base", "active");
    TestDomain domain = bench.define(first, second).start(state);

    Job one = bench.jobs().commit(request(domain));
    Job two = bench.jobs().commit(request(domain).setDisk("vdb"));
    domain.write("vdb", WRITE);
    var _ = bench.jobs().pivot(two);
    assertThat(bench.jobs().ready(one).getState()).isEqualTo(JobState.JOB_STATE_READY);
    var _ = bench.jobs().cancel(one);

    bench.check(domain).live("vda", first.images("active", "base"), first.contents());
    bench.check(domain).everywhere("vdb", second.images("base"), second.contents().with(WRITE));
  }

  @Case("destroying the domain in READY cancels the job and keeps the overlay")
  @Requirement({"F3", "D9"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void destroyInReady(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    domain.write("vda", WRITE);
    Job job = bench.jobs().ready(bench.jobs().commit(request(domain)));

    domain.destroy();

    Job end = bench.jobs().ended(job);
    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(end.getResult().getPivoted()).isFalse();
    bench.check(domain).stored("vda", chain.images("active", "base"), chain.contents().with(WRITE));
  }

  @Case("a pivot under way when the daemon ends is finished by the next daemon")
  @Requirement({"D12", "D13", "R2", "R8"})
  @Needs(Capability.CAPABILITY_DOMAIN_ADOPTION)
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void restartWhilePivoting(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    domain.write("vda", WRITE);
    Job job = bench.jobs().ready(bench.jobs().commit(request(domain)));
    var _ = bench.jobs().order(job, JobCompletion.JOB_COMPLETION_PIVOT);

    assertThat(bench.target().restartDaemon()).as("the target can restart its daemon").isTrue();

    assertThat(bench.jobs().succeeded(job).getResult().getPivoted()).isTrue();
    bench.check(domain).everywhere("vda", chain.images("base"), chain.contents().with(WRITE));
  }

  private DiskChain large() {
    return bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active");
  }

  private static BlockCommitRequest.Builder request(TestDomain domain) {
    return BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk("vda").setActive(true);
  }
}
