package dev.drover.conformance.job;

import static dev.drover.conformance.bench.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.Case;
import dev.drover.conformance.EachOf;
import dev.drover.conformance.Needs;
import dev.drover.conformance.Requirement;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Calls;
import dev.drover.conformance.bench.DiskChain;
import dev.drover.conformance.bench.DiskSize;
import dev.drover.conformance.bench.InStates;
import dev.drover.conformance.bench.JobCalls;
import dev.drover.conformance.bench.PowerState;
import dev.drover.conformance.bench.Refusal;
import dev.drover.conformance.bench.TestDomain;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetJobRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobProgress;
import dev.drover.v1.JobState;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.ListJobsResponse;
import dev.drover.v1.SetJobSpeedRequest;
import dev.drover.v1.WaitJobRequest;
import dev.drover.v1.WatchJobRequest;
import dev.drover.v1.WatchJobResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.assertj.core.api.Assertions;

/** The record of a job: found again, listed, waited for, watched and ended (R1, R5). */
@Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_PULL})
@InStates(PowerState.PAUSED)
public final class JobRecordCases {

  private final Bench bench;

  /** Works on a bench. */
  public JobRecordCases(Bench bench) {
    this.bench = bench;
  }

  /**
   * A call about a job, whatever it answers.
   *
   * @param name name of the RPC
   * @param call calls it with a job's id
   */
  public record JobCall(String name, java.util.function.BiConsumer<Bench, String> call) {

    @Override
    public String toString() {
      return name;
    }
  }

  /** Every call that names a job. */
  public static List<JobCall> calls() {
    return List.of(
        new JobCall(
            "GetJob",
            (bench, id) ->
                bench.calls().jobs().getJob(GetJobRequest.newBuilder().setJobId(id).build())),
        new JobCall(
            "WaitJob",
            (bench, id) ->
                bench.calls().jobs().waitJob(WaitJobRequest.newBuilder().setJobId(id).build())),
        new JobCall(
            "WatchJob",
            (bench, id) ->
                assertThat(
                        bench
                            .calls()
                            .jobs()
                            .watchJob(WatchJobRequest.newBuilder().setJobId(id).build())
                            .hasNext())
                    .isTrue()),
        new JobCall(
            "CancelJob",
            (bench, id) ->
                bench.calls().jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(id).build())),
        new JobCall(
            "CompleteJob",
            (bench, id) ->
                bench
                    .calls()
                    .jobs()
                    .completeJob(
                        CompleteJobRequest.newBuilder()
                            .setJobId(id)
                            .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
                            .build())),
        new JobCall(
            "SetJobSpeed",
            (bench, id) ->
                bench
                    .calls()
                    .jobs()
                    .setJobSpeed(SetJobSpeedRequest.newBuilder().setJobId(id).build())));
  }

  @Case("a call about a job that is not on record is refused")
  @Requirement({"R1"})
  @EachOf("calls")
  public void unknownJob(JobCall call) {
    Refusal.of(() -> call.call().accept(bench, "no-such-job"))
        .is(ErrorReason.ERROR_REASON_JOB_NOT_FOUND)
        .tells("job", "no-such-job");
  }

  @Case("the same job id with the same request is one job, also after its end")
  @Requirement({"R1", "R7"})
  public void sameId() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();
    String id = UUID.randomUUID().toString();
    BlockPullRequest.Builder request = pull(domain).setJobId(id);

    Job first = bench.jobs().pull(request);
    var _ = bench.jobs().succeeded(first);
    Job again = bench.jobs().pull(request);

    assertThat(first.getId()).isEqualTo(id);
    assertThat(again.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.jobs().of(domain)).hasSize(1);
  }

  @Case("a job id belongs to one request")
  @Requirement({"R1"})
  public void reusedId() {
    DiskChain chain = bench.chain("vda", "base", "snap1", "active");
    TestDomain domain = bench.define(chain).start();
    String id = UUID.randomUUID().toString();
    var _ = bench.jobs().succeeded(bench.jobs().pull(pull(domain).setJobId(id)));

    Refusal.of(() -> bench.jobs().pull(pull(domain).setJobId(id).setBase(chain.path("base"))))
        .is(ErrorReason.ERROR_REASON_JOB_ID_REUSED)
        .tells("job", id);
    assertThat(bench.jobs().of(domain)).hasSize(1);
  }

  @Case("a repeated start with the same request id is one job")
  @Requirement({"R7"})
  public void sameRequest() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();
    BlockPullRequest.Builder request = pull(domain).setRequestId(UUID.randomUUID().toString());

    Job first = bench.jobs().pull(request);
    Job again = bench.jobs().pull(request);

    assertThat(again.getId()).isEqualTo(first.getId());
    assertThat(bench.jobs().succeeded(first).getRequestId()).isEqualTo(request.getRequestId());
    assertThat(bench.jobs().of(domain)).hasSize(1);
  }

  @Case("the record outlives its domain and says what came of the job")
  @Requirement({"R1"})
  public void outlivesDomain() {
    DiskChain chain = bench.chain("vda", "base", "active");
    TestDomain domain = bench.define(chain).start();
    Job end = bench.jobs().succeeded(bench.jobs().pull(pull(domain)));
    domain.destroy();
    domain.undefine();

    Job later = bench.jobs().get(end);

    assertThat(later).isEqualTo(end);
    assertThat(later.getDomainName()).isEqualTo(domain.name());
    assertThat(later.getDomainUuid()).isEqualTo(domain.uuid());
    assertThat(later.getDisk()).isEqualTo("vda");
    assertThat(later.getOwner()).isNotBlank();
    assertThat(later.hasCreateTime()).isTrue();
    assertThat(later.hasStartTime()).isTrue();
    assertThat(later.hasEndTime()).isTrue();
    assertThat(later.hasError()).isFalse();
    assertThat(bench.jobs().of(domain)).containsExactly(end);
  }

  @Case("the record outlives the daemon")
  @Requirement({"R1", "R2"})
  @Needs(Capability.CAPABILITY_DOMAIN_ADOPTION)
  public void outlivesDaemon() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();
    Job end = bench.jobs().succeeded(bench.jobs().pull(pull(domain)));

    boolean restarted = bench.target().restartDaemon();

    assertThat(bench.jobs().get(end)).as("restarted: %s", restarted).isEqualTo(end);
  }

  @Case("lists begin with the newest and are filtered by domain, disk, state and kind")
  @Requirement({"R1", "R20"})
  public void lists() {
    DiskChain one = bench.chain("vda", "base", "active");
    DiskChain two = bench.chain("vdb", "base", "active");
    TestDomain domain = bench.define(one, two).start();
    Job first = bench.jobs().succeeded(bench.jobs().pull(pull(domain)));
    Job second = bench.jobs().succeeded(bench.jobs().pull(pull(domain).setDisk("vdb")));
    JobFilter.Builder mine = JobFilter.newBuilder().setDomain(domain.ref());

    assertThat(listed(mine)).containsExactly(second, first);
    assertThat(listed(mine.clone().setDisk("vda"))).containsExactly(first);
    assertThat(listed(mine.clone().setActiveOnly(true))).isEmpty();
    assertThat(listed(mine.clone().addStates(JobState.JOB_STATE_SUCCEEDED))).hasSize(2);
    assertThat(listed(mine.clone().addStates(JobState.JOB_STATE_FAILED))).isEmpty();
    assertThat(listed(mine.clone().addKinds(JobKind.JOB_KIND_PULL))).hasSize(2);
    assertThat(listed(mine.clone().addKinds(JobKind.JOB_KIND_COPY))).isEmpty();

    ListJobsResponse page =
        bench
            .calls()
            .jobs()
            .listJobs(ListJobsRequest.newBuilder().setFilter(mine).setPageSize(1).build());
    assertThat(page.getJobsList()).containsExactly(second);
    ListJobsResponse last =
        bench
            .calls()
            .jobs()
            .listJobs(
                ListJobsRequest.newBuilder()
                    .setFilter(mine)
                    .setPageSize(1)
                    .setPageToken(page.getNextPageToken())
                    .build());
    assertThat(last.getJobsList()).containsExactly(first);
    assertThat(last.getNextPageToken()).isEmpty();
    Refusal.of(
            () ->
                bench
                    .calls()
                    .jobs()
                    .listJobs(
                        ListJobsRequest.newBuilder()
                            .setFilter(mine.clone().setDisk("vdb"))
                            .setPageToken(page.getNextPageToken())
                            .build()))
        .is(ErrorReason.ERROR_REASON_PAGE_TOKEN_INVALID);
  }

  @Case("waiting past the deadline ends the wait, not the job")
  @Requirement({"R10", "R2"})
  public void waitTimesOut() {
    TestDomain domain = bench.define(large()).start();
    Job job = bench.jobs().pull(pull(domain).setBandwidth(JobCalls.CRAWL));

    Assertions.assertThatThrownBy(
            () ->
                bench
                    .calls()
                    .within(Duration.ofMillis(300))
                    .jobs()
                    .waitJob(WaitJobRequest.newBuilder().setJobId(job.getId()).build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failure ->
                assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    assertThat(bench.jobs().get(job).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);

    var _ = bench.jobs().unleash(job);
    assertThat(bench.jobs().succeeded(job).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Case("watching a job shows its states in order and ends with it")
  @Requirement({"R1", "R19"})
  public void watch() {
    TestDomain domain = bench.define(large()).start();
    Job job = bench.jobs().pull(pull(domain).setBandwidth(JobCalls.CRAWL));
    Iterator<WatchJobResponse> stream =
        bench.calls().jobs().watchJob(WatchJobRequest.newBuilder().setJobId(job.getId()).build());
    List<Job> seen = new ArrayList<>();
    seen.add(stream.next().getJob());
    var _ = bench.jobs().unleash(job);
    while (stream.hasNext()) {
      seen.add(stream.next().getJob());
    }

    assertThat(seen.getFirst().getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
    assertThat(seen.getLast().getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(seen.stream().map(Job::getState)).isSortedAccordingTo(Enum::compareTo);
    assertThat(seen.stream().map(Job::getRevision)).isSorted();
    assertThat(seen.stream().map(one -> one.getProgress().getOffsetBytes()))
        .as("bytes done, which never become fewer")
        .isSorted();
    assertThat(
            bench
                .calls()
                .jobs()
                .watchJob(WatchJobRequest.newBuilder().setJobId(job.getId()).build())
                .next()
                .getJob())
        .as("watching a job that has ended tells its end at once")
        .isEqualTo(seen.getLast());
  }

  @Case("progress never claims more than there is, and is complete at the end")
  @Requirement({"R1", "R19"})
  public void progress() {
    TestDomain domain = bench.define(large()).start();
    Job job = bench.jobs().pull(pull(domain).setBandwidth(JobCalls.CRAWL));
    await("progress is told")
        .atMost(Calls.PATIENCE)
        .until(() -> bench.jobs().get(job).getProgress().getTotalBytes() > 0);
    Job running = bench.jobs().get(job);
    assertThat(running.getProgress().getOffsetBytes())
        .as("bytes done, of those to do")
        .isLessThanOrEqualTo(running.getProgress().getTotalBytes());
    assertThat(running.getProgress().hasObservedTime()).as("when it was read").isTrue();
    await("rate and time left are told")
        .atMost(Calls.PATIENCE)
        .until(
            () -> {
              JobProgress now = bench.jobs().get(job).getProgress();
              return now.getRateBytesPerSecond() > 0 && now.getRemainingMilliseconds() > 0;
            });
    var _ = bench.jobs().unleash(job);
    Job end = bench.jobs().succeeded(job);

    assertThat(end.getProgress().getTotalBytes()).isPositive();
    assertThat(end.getProgress().getOffsetBytes()).isEqualTo(end.getProgress().getTotalBytes());
  }

  @Case("a job that has ended takes no more orders")
  @Requirement({"D10", "C11"})
  @Needs(Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT)
  public void afterTheEnd() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();
    Job job = bench.jobs().commit(activeCommit(domain));
    Job end = bench.jobs().pivot(job);

    assertThat(bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_PIVOT))
        .as("the same completion again answers the same")
        .isEqualTo(end);
    Refusal.of(() -> bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_KEEP))
        .is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID)
        .names("state");
    Refusal.of(() -> bench.jobs().cancel(job)).is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID);
    Refusal.of(() -> bench.jobs().unleash(job)).is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID);
    assertThat(bench.jobs().get(job)).isEqualTo(end);
  }

  @Case("a cancelled mirror cannot be pivoted any more")
  @Requirement({"D9", "D10"})
  @Needs(Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT)
  public void pivotAfterCancel() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();
    Job job = bench.jobs().ready(bench.jobs().commit(activeCommit(domain)));
    var _ = bench.jobs().cancel(job);

    Refusal.of(() -> bench.jobs().complete(job, JobCompletion.JOB_COMPLETION_PIVOT))
        .is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID);
  }

  @Case("async answers when the end is decided, and the end follows")
  @Requirement({"D8", "C11"})
  @Needs(Capability.CAPABILITY_BLOCK_ACTIVE_COMMIT)
  public void async() {
    TestDomain domain = bench.define(bench.chain("vda", "base", "active")).start();
    Job job = bench.jobs().ready(bench.jobs().commit(activeCommit(domain)));

    Job decided = bench.jobs().order(job, JobCompletion.JOB_COMPLETION_PIVOT);
    assertThat(decided.getState())
        .isIn(
            JobState.JOB_STATE_PIVOTING,
            JobState.JOB_STATE_FINALIZING,
            JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.jobs().succeeded(job).getResult().getPivoted()).isTrue();
  }

  @Case("async cancels answer when the end is decided, and the end follows")
  @Requirement({"C11"})
  public void asyncCancel() {
    TestDomain domain = bench.define(large()).start();
    Job job = bench.jobs().pull(pull(domain).setBandwidth(JobCalls.CRAWL));

    Job decided =
        bench
            .calls()
            .jobs()
            .cancelJob(CancelJobRequest.newBuilder().setJobId(job.getId()).setAsync(true).build())
            .getJob();

    assertThat(decided.getState())
        .isIn(JobState.JOB_STATE_CANCELLING, JobState.JOB_STATE_CANCELLED);
    assertThat(bench.jobs().ended(job).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
  }

  @Case("a speed that overflows is refused and leaves the limit as it is")
  @Requirement({"A8", "C14"})
  public void speedOverflow() {
    TestDomain domain = bench.define(large()).start();
    Job job = bench.jobs().pull(pull(domain).setBandwidth(JobCalls.CRAWL));

    Refusal.of(() -> speed(job, Bandwidth.newBuilder().setMebibytesPerSecond(8_796_093_022_208L)))
        .is(ErrorReason.ERROR_REASON_OUT_OF_RANGE)
        .names("field");
    Refusal.of(() -> speed(job, Bandwidth.newBuilder().setBytesPerSecond(-1)))
        .is(ErrorReason.ERROR_REASON_OUT_OF_RANGE);
    assertThat(bench.jobs().get(job).getSpeedBytesPerSecond())
        .isEqualTo(JobCalls.CRAWL.getBytesPerSecond());

    assertThat(
            speed(job, Bandwidth.newBuilder().setBytesPerSecond(1 << 30)).getSpeedBytesPerSecond())
        .isEqualTo(1 << 30);
    var _ = bench.jobs().succeeded(job);
  }

  private Job speed(Job job, Bandwidth.Builder bandwidth) {
    return bench
        .calls()
        .jobs()
        .setJobSpeed(
            SetJobSpeedRequest.newBuilder().setJobId(job.getId()).setBandwidth(bandwidth).build())
        .getJob();
  }

  private List<Job> listed(JobFilter.Builder filter) {
    return bench
        .calls()
        .jobs()
        .listJobs(ListJobsRequest.newBuilder().setFilter(filter).build())
        .getJobsList();
  }

  private DiskChain large() {
    return bench.chain("vda", DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active");
  }

  private static BlockPullRequest.Builder pull(TestDomain domain) {
    return BlockPullRequest.newBuilder().setDomain(domain.ref()).setDisk("vda");
  }

  private static BlockCommitRequest.Builder activeCommit(TestDomain domain) {
    return BlockCommitRequest.newBuilder().setDomain(domain.ref()).setDisk("vda").setActive(true);
  }
}
