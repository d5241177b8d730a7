package dev.drover.conformance.job;

import static dev.drover.conformance.bench.Waiting.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import dev.drover.conformance.Case;
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
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetCapabilitiesRequest;
import dev.drover.v1.InspectWaitsRequest;
import dev.drover.v1.Job;
import dev.drover.v1.JobFilter;
import dev.drover.v1.JobState;
import dev.drover.v1.JobWait;
import dev.drover.v1.ListJobsRequest;
import dev.drover.v1.QueuePlace;
import dev.drover.v1.SetJobSpeedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Jobs beyond the daemon's limit wait for their turn (R29). On a daemon without a small limit the
 * cases show that nothing waits.
 */
@Needs({Capability.CAPABILITY_BLOCK_CHAIN, Capability.CAPABILITY_BLOCK_PULL})
@InStates(PowerState.PAUSED)
public final class QueueCases {

  /** A limit above this is not filled, since every job needs a disk. */
  private static final int MOST = 8;

  private static final int WITHOUT_LIMIT = 3;

  private final Bench bench;

  /** Works on a bench. */
  public QueueCases(Bench bench) {
    this.bench = bench;
  }

  @Case("as many jobs copy as the limit lets, and the next one begins when one of them has ended")
  @Requirement({"R29"})
  public void waitsForItsTurn() {
    Full full = fill();
    long asked = System.nanoTime();
    if (full.limit() == 0) {
      assertThat(full.jobs()).noneMatch(Job::hasQueuePlace);
      return;
    }
    Job waiting = full.next();

    assertThat(waiting.getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(waiting.getQueuePlace()).isEqualTo(first(full.limit()));
    assertThat(waiting.hasStartTime()).isFalse();
    assertThat(bench.jobs().get(waiting).getQueuePlace()).isEqualTo(first(full.limit()));
    assertThat(pending()).extracting(Job::getId).contains(waiting.getId());
    assertThat(stuck(waiting).getPlaceHolderJobIdsList())
        .containsExactlyInAnyOrderElementsOf(full.jobs().stream().map(Job::getId).toList());
    Duration age = stuck(waiting).getAge();
    assertThat(Durations.toNanos(age))
        .as("time for which it has waited")
        .isBetween(0L, System.nanoTime() - asked);
    assertThat(Durations.toNanos(stuck(waiting).getAge()))
        .as("the same later")
        .isGreaterThan(Durations.toNanos(age));
    Refusal.of(() -> full.start("vdz")).is(ErrorReason.ERROR_REASON_DISK_NOT_FOUND).names("disk");
    Refusal.of(() -> full.start(waiting.getDisk()))
        .is(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE)
        .tells("job", waiting.getId());
    Refusal.of(
            () ->
                bench
                    .calls()
                    .jobs()
                    .setJobSpeed(SetJobSpeedRequest.newBuilder().setJobId(waiting.getId()).build()))
        .is(ErrorReason.ERROR_REASON_JOB_STATE_INVALID);

    long turn = System.nanoTime();
    var _ = bench.jobs().cancel(full.jobs().getFirst());
    await("the turn has come")
        .atMost(Calls.PATIENCE)
        .until(() -> bench.jobs().get(waiting).getState() == JobState.JOB_STATE_RUNNING);
    assertThat(bench.jobs().get(waiting).hasQueuePlace())
        .as("a place of a job whose turn has come")
        .isFalse();
    await("it is told as having moved since")
        .atMost(Calls.PATIENCE)
        .until(() -> Durations.toNanos(stuck(waiting).getAge()) <= System.nanoTime() - turn);
    assertThat(bench.jobs().get(waiting).getCreateTime()).isEqualTo(waiting.getCreateTime());
    var _ = bench.jobs().unleash(waiting);
    Job end = bench.jobs().succeeded(waiting);
    assertThat(end.getResult().getChainAfterList()).hasSize(1);
    full.end();
  }

  @Case("a job that waits is one job, is cancelled without having begun, and frees its disk")
  @Requirement({"R29", "R1", "R7"})
  public void cancelledWhileItWaits() {
    Full full = fill();
    if (full.limit() == 0) {
      assertThat(full.jobs()).noneMatch(Job::hasQueuePlace);
      return;
    }
    String id = UUID.randomUUID().toString();
    BlockPullRequest.Builder request = full.request(full.free()).setJobId(id);
    Job waiting = bench.jobs().pull(request);
    Job again = bench.jobs().pull(request);
    assertThat(again.getId()).isEqualTo(id);
    assertThat(again.getState()).isEqualTo(JobState.JOB_STATE_PENDING);

    Job cancelled = bench.jobs().cancel(waiting);

    assertThat(cancelled.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(Refusal.reasonOf(cancelled.getError()))
        .contains(ErrorReason.ERROR_REASON_JOB_CANCELLED);
    assertThat(cancelled.hasStartTime()).isFalse();
    assertThat(cancelled.hasQueuePlace()).isFalse();
    assertThat(cancelled.getResult().getChainAfterList())
        .isEqualTo(cancelled.getResult().getChainBeforeList());
    assertThat(bench.jobs().cancel(waiting)).isEqualTo(cancelled);
    assertThat(full.next().getState()).isEqualTo(JobState.JOB_STATE_PENDING);
    full.end();
  }

  @Case("a job that waits outlives the daemon and begins when its turn comes")
  @Requirement({"R29", "R2"})
  @Needs(Capability.CAPABILITY_DOMAIN_ADOPTION)
  public void outlivesTheDaemon() {
    Full full = fill();
    if (full.limit() == 0) {
      assertThat(full.jobs()).noneMatch(Job::hasQueuePlace);
      return;
    }
    Job waiting = full.next();

    boolean restarted = bench.target().restartDaemon();

    Job found = bench.jobs().get(waiting);
    assertThat(found.getState())
        .as("restarted: %s", restarted)
        .isEqualTo(JobState.JOB_STATE_PENDING);
    assertThat(found.getQueuePlace().getMaximum()).isEqualTo(full.limit());
    var _ = bench.jobs().cancel(full.jobs().getFirst());
    await("the turn has come")
        .atMost(Calls.PATIENCE)
        .until(() -> bench.jobs().get(waiting).getState() == JobState.JOB_STATE_RUNNING);
    assertThat(bench.jobs().get(waiting).getOwner()).isEqualTo(waiting.getOwner());
    full.end();
  }

  /** A domain whose jobs have every place there is, and a disk more. */
  private final class Full {
    private final int limit;
    private final TestDomain domain;
    private final List<Job> jobs = new ArrayList<>();
    private final String free;
    private final List<Job> waiting = new ArrayList<>();

    Full(int limit, int disks) {
      this.limit = limit;
      List<DiskChain> chains = new ArrayList<>();
      for (int i = 0; i < disks; i++) {
        chains.add(
            bench.chain(
                "vd" + (char) ('a' + i), DiskSize.LARGE, DiskChain.Style.QCOW2, "base", "active"));
      }
      this.domain = bench.define(chains.toArray(DiskChain[]::new)).start();
      this.free = chains.getLast().disk().getTarget();
      for (DiskChain chain : chains.subList(0, limit == 0 ? disks : disks - 1)) {
        jobs.add(start(chain.disk().getTarget()));
      }
      assertThat(jobs)
          .as("jobs within the limit")
          .allMatch(job -> job.getState() == JobState.JOB_STATE_RUNNING);
    }

    int limit() {
      return limit;
    }

    List<Job> jobs() {
      return jobs;
    }

    String free() {
      return free;
    }

    BlockPullRequest.Builder request(String disk) {
      return BlockPullRequest.newBuilder()
          .setDomain(domain.ref())
          .setDisk(disk)
          .setBandwidth(JobCalls.CRAWL);
    }

    Job start(String disk) {
      return bench.jobs().pull(request(disk));
    }

    /** Starts the job that is one too many. */
    Job next() {
      Job job = start(free);
      waiting.add(job);
      return job;
    }

    /** Ends what goes on, those that wait first. */
    void end() {
      List<Job> all = new ArrayList<>(waiting);
      all.addAll(jobs);
      all.stream()
          .map(bench.jobs()::get)
          .filter(job -> !job.hasEndTime())
          .forEach(job -> assertThat(bench.jobs().cancel(job).hasEndTime()).isTrue());
    }
  }

  private Full fill() {
    long limit =
        bench
            .calls()
            .host()
            .getCapabilities(GetCapabilitiesRequest.getDefaultInstance())
            .getLimitsOrDefault("jobs", 0);
    boolean small = limit > 0 && limit <= MOST;
    return small ? new Full((int) limit, (int) limit + 1) : new Full(0, WITHOUT_LIMIT);
  }

  private static QueuePlace first(int limit) {
    return QueuePlace.newBuilder().setLimit("jobs").setMaximum(limit).setPosition(1).build();
  }

  private List<Job> pending() {
    return bench
        .calls()
        .jobs()
        .listJobs(
            ListJobsRequest.newBuilder()
                .setFilter(JobFilter.newBuilder().addStates(JobState.JOB_STATE_PENDING))
                .build())
        .getJobsList();
  }

  private JobWait stuck(Job job) {
    return bench
        .calls()
        .host()
        .inspectWaits(InspectWaitsRequest.newBuilder().setMinimumAge(Durations.ZERO).build())
        .getDriversList()
        .stream()
        .flatMap(driver -> driver.getJobsList().stream())
        .filter(one -> one.getId().equals(job.getId()))
        .findFirst()
        .orElseThrow();
  }
}
