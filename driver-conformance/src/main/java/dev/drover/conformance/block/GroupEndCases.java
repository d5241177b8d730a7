package dev.drover.conformance.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
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
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.util.List;

/** Jobs of a domain that end at one moment, with its guest held (D15, D16). */
@Needs(
    value = {
      Capability.CAPABILITY_BLOCK_CHAIN,
      Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT,
      Capability.CAPABILITY_BLOCK_COPY,
      Capability.CAPABILITY_JOB_GROUPS
    },
    off = Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)
public final class GroupEndCases {

  private static final List<Fill> WRITE = List.of(new Fill(Fill.BLOCK, 4 * Fill.BLOCK, 0xd1));
  private static final List<Fill> LATER = List.of(new Fill(3 * Fill.BLOCK, 4 * Fill.BLOCK, 0xd2));

  private final Bench bench;

  /** Works on a bench. */
  public GroupEndCases(Bench bench) {
    this.bench = bench;
  }

  @Case("two disks are pivoted together, and the answer tells how long the guest was held")
  @Requirement({"D15", "D5"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void pivotTogether(PowerState state) {
    DiskChain one = bench.chain("vda", "base", "active");
    DiskChain two = bench.chain("vdb", "base", "active");
    TestDomain domain = bench.define(one, two).start(state);
    List<Job> jobs = List.of(commit(domain, "vda"), commit(domain, "vdb"));
    domain.write("vda", WRITE);
    domain.write("vdb", LATER);

    CompleteJobsResponse response = complete(jobs, JobCompletion.JOB_COMPLETION_PIVOT);

    assertThat(response.getJobsList())
        .extracting(Job::getId)
        .containsExactly(jobs.get(0).getId(), jobs.get(1).getId());
    for (Job job : response.getJobsList()) {
      assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(job.getResult().getPivoted()).isTrue();
      assertThat(job.getResult().hasGuestPause()).isEqualTo(runs(state));
    }
    assertThat(response.hasGuestPause()).isEqualTo(runs(state));
    assertThat(domain.get().getStatus().getState()).isEqualTo(state(state));
    bench.check(domain).live("vda", one.images("base"), one.contents().with(WRITE));
    bench.check(domain).live("vdb", two.images("base"), two.contents().with(LATER));
    bench.check(domain).everywhere("vda", one.images("base"), one.contents().with(WRITE));
  }

  @Case("copies of two disks that are kept together show one moment")
  @Requirement({"D15", "D16", "D9"})
  @InStates
  public void keepTogether(PowerState state) {
    DiskChain one = bench.chain("vda", "base", "active");
    DiskChain two = bench.chain("vdb", "base", "active");
    TestDomain domain = bench.define(one, two).start(state);
    List<Job> jobs = List.of(copy(domain, "vda"), copy(domain, "vdb"));
    domain.write("vda", state.guest(WRITE));
    domain.write("vdb", state.guest(WRITE));

    CompleteJobsResponse response = complete(jobs, JobCompletion.JOB_COMPLETION_KEEP);

    assertThat(response.getJobsList())
        .allSatisfy(job -> assertThat(job.getResult().getPivoted()).isFalse());
    domain.write("vda", state.guest(LATER));
    domain.write("vdb", state.guest(LATER));
    bench.check(domain).shows(destination("vda"), one.contents().with(state.guest(WRITE)));
    bench.check(domain).shows(destination("vdb"), two.contents().with(state.guest(WRITE)));
    bench
        .check(domain)
        .now(
            "vda",
            one.images("active", "base"),
            one.contents().with(state.guest(WRITE)).with(state.guest(LATER)));
    assertThat(domain.get().getStatus().getState()).isEqualTo(state(state));
  }

  @Case("one job that is not READY leaves both as they are")
  @Requirement({"D15", "D10"})
  @InStates(PowerState.RUNNING)
  public void oneIsEarly() {
    DiskChain one = bench.chain("vda", "base", "active");
    DiskChain two = bench.chain("vdb", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active");
    TestDomain domain = bench.define(one, two).start();
    Job ready = commit(domain, "vda");
    Job early = bench.jobs().commit(request(domain, "vdb").setBandwidth(JobCalls.CRAWL));

    Refusal.of(() -> complete(List.of(ready, early), JobCompletion.JOB_COMPLETION_PIVOT))
        .is(ErrorReason.ERROR_REASON_JOB_NOT_READY)
        .tells("job", early.getId());

    assertThat(bench.jobs().get(ready).getState()).isEqualTo(JobState.JOB_STATE_READY);
    assertThat(bench.jobs().get(early).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    var _ = bench.jobs().unleash(early);
    CompleteJobsResponse waited =
        bench
            .calls()
            .jobs()
            .completeJobs(
                CompleteJobsRequest.newBuilder()
                    .addJobIds(ready.getId())
                    .addJobIds(early.getId())
                    .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                    .setWaitReady(true)
                    .build());
    assertThat(waited.getJobsList())
        .allSatisfy(job -> assertThat(job.getResult().getPivoted()).isTrue());
    bench.check(domain).live("vda", one.images("base"), one.contents());
    bench.check(domain).live("vdb", two.images("base"), two.contents());
  }

  @Case("jobs of two domains, and a job named twice, are refused")
  @Requirement({"D15"})
  @InStates(PowerState.RUNNING)
  public void notOfOneDomain() {
    TestDomain first = bench.define(bench.chain("vda", "base", "active")).start();
    TestDomain second = bench.define(bench.chain("vdb", "base", "active")).start();
    Job one = commit(first, "vda");
    Job two = commit(second, "vdb");

    Refusal.of(() -> complete(List.of(one, two), JobCompletion.JOB_COMPLETION_KEEP))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);
    Refusal.of(() -> complete(List.of(one, one), JobCompletion.JOB_COMPLETION_KEEP))
        .is(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);

    assertThat(bench.jobs().get(one).getState()).isEqualTo(JobState.JOB_STATE_READY);
    assertThat(bench.jobs().get(two).getState()).isEqualTo(JobState.JOB_STATE_READY);
  }

  @Case("completing the same jobs again answers the same, and the other end is refused")
  @Requirement({"D15", "C11"})
  @InStates(PowerState.RUNNING)
  public void repeated() {
    DiskChain one = bench.chain("vda", "base", "active");
    DiskChain two = bench.chain("vdb", "base", "active");
    TestDomain domain = bench.define(one, two).start(PowerState.RUNNING);
    List<Job> jobs = List.of(commit(domain, "vda"), commit(domain, "vdb"));
    CompleteJobsResponse first = complete(jobs, JobCompletion.JOB_COMPLETION_PIVOT);

    assertThat(complete(jobs, JobCompletion.JOB_COMPLETION_PIVOT)).isEqualTo(first);
    Refusal.of(() -> complete(jobs, JobCompletion.JOB_COMPLETION_KEEP))
        .is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID);
  }

  @Case("a single job can be pivoted with the guest held")
  @Requirement({"D15", "D8"})
  @InStates({PowerState.PAUSED, PowerState.RUNNING})
  public void held(PowerState state) {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start(state);
    Job job = commit(domain, "vda");

    Job end =
        bench
            .calls()
            .jobs()
            .completeJob(
                CompleteJobRequest.newBuilder()
                    .setJobId(job.getId())
                    .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                    .setHoldGuest(true)
                    .build())
            .getJob();

    assertThat(end.getResult().getPivoted()).isTrue();
    assertThat(end.getResult().hasGuestPause()).isEqualTo(runs(state));
    assertThat(domain.get().getStatus().getState()).isEqualTo(state(state));
    bench.check(domain).live("vda", chain.images("base"), chain.contents());
  }

  private Job commit(TestDomain domain, String disk) {
    return bench.jobs().ready(bench.jobs().commit(request(domain, disk)));
  }

  private static BlockCommitRequest.Builder request(TestDomain domain, String disk) {
    return BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk(disk).setActive(true);
  }

  private Job copy(TestDomain domain, String disk) {
    return bench
        .jobs()
        .ready(
            bench
                .jobs()
                .copy(
                    BlockCopyRequest.newBuilder()
                        .setDomain(domain.ref())
                        .setDisk(disk)
                        .setDestination(destination(disk))));
  }

  private Image destination(String disk) {
    return Image.newBuilder()
        .setPath(bench.path(disk + "-copy.qcow2"))
        .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2)
        .build();
  }

  private CompleteJobsResponse complete(List<Job> jobs, JobCompletion completion) {
    return bench
        .calls()
        .jobs()
        .completeJobs(
            CompleteJobsRequest.newBuilder()
                .addAllJobIds(jobs.stream().map(Job::getId).toList())
                .setCompletion(completion)
                .build());
  }

  private static boolean runs(PowerState state) {
    return switch (state) {
      case RUNNING -> true;
      case PAUSED, OFF -> false;
    };
  }

  private static DomainState state(PowerState state) {
    return switch (state) {
      case RUNNING -> DomainState.DOMAIN_STATE_RUNNING;
      case PAUSED -> DomainState.DOMAIN_STATE_PAUSED;
      case OFF -> DomainState.DOMAIN_STATE_SHUT_OFF;
    };
  }
}
