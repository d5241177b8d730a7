package dev.drover.conformance.block;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import dev.drover.conformance.Case;
import dev.drover.conformance.Fill;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.Faults;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GuestAgent;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.Quiesce;
import java.util.List;

/**
 * Ends of jobs with the file systems of a modelled guest frozen, and its agent's failures (D14).
 */
@Needs({
  Capability.CAPABILITY_BLOCK_CHAIN,
  Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
  Capability.CAPABILITY_JOB_GROUPS,
  Capability.CAPABILITY_GUEST_AGENT,
  Capability.CAPABILITY_TEST_CONTROL
})
@InStates(PowerState.RUNNING)
public final class QuiesceFaultCases {

  private static final String FREEZE = "agent.freeze";
  private static final List<Fill> WRITE = List.of(new Fill(Fill.BLOCK, 4 * Fill.BLOCK, 0xe1));

  private final Bench bench;
  private final Faults faults;

  /** Works on a bench. */
  public QuiesceFaultCases(Bench bench) {
    this.bench = bench;
    this.faults = new Faults(bench);
  }

  @Case("a quiesced end says so, and the guest writes on afterwards")
  @Requirement({"D14"})
  public void quiesced(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = withAgent(state, chain);

    Job end = complete(commit(domain, "vda"), Quiesce.getDefaultInstance());

    assertThat(end.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(end.getResult().getQuiesced()).isTrue();
    assertThat(end.getResult().getPivoted()).isTrue();
    domain.write("vda", WRITE);
    bench.check(domain).live("vda", chain.images("base"), chain.contents().with(WRITE));
  }

  @Case("several disks are ended quiesced at one moment")
  @Requirement({"D14", "D15"})
  public void quiescedTogether(PowerState state) {
    TestDomain domain =
        withAgent(
            state, bench.chain("vda", "base", "active"), bench.chain("vdb", "base", "active"));
    List<Job> jobs = List.of(commit(domain, "vda"), commit(domain, "vdb"));

    CompleteJobsResponse response =
        bench
            .calls()
            .jobs()
            .completeJobs(
                CompleteJobsRequest.newBuilder()
                    .addAllJobIds(jobs.stream().map(Job::getId).toList())
                    .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                    .setQuiesce(Quiesce.getDefaultInstance())
                    .build());

    assertThat(response.getJobsList())
        .hasSize(2)
        .allMatch(job -> job.getResult().getQuiesced() && job.getResult().getPivoted());
  }

  @Case("an end that was not asked to be quiesced does not say that it was")
  @Requirement({"D14"})
  public void notQuiesced(PowerState state) {
    TestDomain domain = withAgent(state, bench.chain("vda", "base", "active"));
    Job end = bench.jobs().pivot(commit(domain, "vda"));
    assertThat(end.getResult().getQuiesced()).isFalse();
  }

  @Case("an agent that refuses leaves the job READY as before, and a second try succeeds")
  @Requirement({"D14", "R22"})
  public void agentRefuses(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = withAgent(state, chain);
    Job job = commit(domain, "vda");
    faults.arm(FREEZE, FaultKind.FAULT_KIND_ERROR);

    Refusal.of(() -> complete(job, Quiesce.getDefaultInstance()))
        .is(ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED)
        .tells("domain", domain.name());

    assertThat(bench.jobs().get(job).getState()).isEqualTo(JobState.JOB_STATE_READY);
    domain.write("vda", WRITE);
    assertThat(complete(job, Quiesce.getDefaultInstance()).getResult().getQuiesced()).isTrue();
    bench.check(domain).live("vda", chain.images("base"), chain.contents().with(WRITE));
  }

  @Case("a silent agent is given up after the timeout, and the job is READY as before")
  @Requirement({"D14", "R22"})
  public void agentIsSilent(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = withAgent(state, chain);
    Job job = commit(domain, "vda");
    faults.arm(FREEZE, FaultKind.FAULT_KIND_HANG);

    Refusal.of(
            () -> complete(job, Quiesce.newBuilder().setTimeout(Durations.fromSeconds(1)).build()))
        .is(ErrorReason.ERROR_REASON_GUEST_AGENT_FAILED);

    assertThat(bench.jobs().get(job).getState()).isEqualTo(JobState.JOB_STATE_READY);
    domain.write("vda", WRITE);
    var _ = bench.jobs().pivot(job);
    bench.check(domain).live("vda", chain.images("base"), chain.contents().with(WRITE));
  }

  private TestDomain withAgent(PowerState state, DiskChain... chains) {
    TestDomain plain = bench.define(chains);
    var _ =
        bench
            .calls()
            .domains()
            .defineDomain(
                DefineDomainRequest.newBuilder()
                    .setSpec(
                        plain.get().getSpec().toBuilder()
                            .setGuestAgent(GuestAgent.getDefaultInstance()))
                    .build());
    return plain.start(state);
  }

  private Job commit(TestDomain domain, String disk) {
    return bench
        .jobs()
        .ready(
            bench
                .jobs()
                .commit(
                    BlockCommitRequest.newBuilder()
                        .setDomain(domain.ref())
                        .setDisk(disk)
                        .setActive(true)));
  }

  private Job complete(Job job, Quiesce quiesce) {
    return bench
        .calls()
        .jobs()
        .completeJob(
            CompleteJobRequest.newBuilder()
                .setJobId(job.getId())
                .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                .setQuiesce(quiesce)
                .build())
        .getJob();
  }
}
