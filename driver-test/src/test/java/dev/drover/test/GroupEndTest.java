package dev.drover.test;

import static dev.drover.test.DriverFixture.GUEST;
import static dev.drover.test.DriverFixture.call;
import static dev.drover.test.DriverFixture.refused;
import static dev.drover.test.DriverFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.drover.spi.event.DriverEvent;
import dev.drover.testing.v1.FaultKind;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.CompleteJobsRequest;
import dev.drover.v1.CompleteJobsResponse;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** D15: jobs that end at one moment, and faults while their guest is held. */
class GroupEndTest {

  private final DriverFixture world = new DriverFixture();
  private List<Job> jobs = List.of();

  @BeforeEach
  void twoReadyJobs() {
    world.chain("/i");
    world.chain("/j");
    world.define(
        DriverFixture.NAME,
        DriverFixture.disk("vda", "/i/active"),
        DriverFixture.disk("vdb", "/j/active"));
    world.start(DriverFixture.NAME);
    jobs = List.of(commit("vda"), commit("vdb"));
    world.advanceSeconds(1);
    assertStates(JobState.JOB_STATE_READY);
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void theVirtualTimeInWhichTheGuestIsHeldIsTold() {
    world.injectDelay("job.group", 3);
    CompletableFuture<CompleteJobsResponse> ended =
        CompletableFuture.supplyAsync(
            () -> complete(JobCompletion.JOB_COMPLETION_PIVOT), world.blocking());
    jobs.forEach(job -> awaitState(job, JobState.JOB_STATE_PIVOTING));
    world.advanceSeconds(3);

    Duration pause = Duration.newBuilder().setSeconds(3).build();
    assertThat(ended.join().getGuestPause()).isEqualTo(pause);
    assertThat(ended.join().getJobsList())
        .allSatisfy(job -> assertThat(job.getResult().getGuestPause()).isEqualTo(pause));
    assertThat(world.paths("vda")).containsExactly("/i/base");
    assertThat(world.paths("vdb")).containsExactly("/j/base");
    assertThat(world.eventKinds(DriverEvent.DomainEvent.class))
        .doesNotContain("DOMAIN_SUSPENDED", "DOMAIN_RESUMED");
  }

  @Test
  void whatCannotBeDecidedLeavesAllReadyAndMirroring() {
    world.inject("job.group", FaultKind.FAULT_KIND_ERROR);
    refused(
        ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED,
        () -> complete(JobCompletion.JOB_COMPLETION_PIVOT));
    assertStates(JobState.JOB_STATE_READY);
    assertThat(world.paths("vda")).hasSize(4);

    world.guestWrites(write(20, 2, 9));
    String seen = world.guestSha();
    complete(JobCompletion.JOB_COMPLETION_PIVOT);
    assertThat(world.guestSha()).isEqualTo(seen);
    assertThat(world.paths("vda")).containsExactly("/i/base");
  }

  @Test
  void aCrashBeforeTheDecisionLeavesAllOnTheirOldChain() { // R2
    world.inject("job.group", FaultKind.FAULT_KIND_HYPERVISOR_CRASH);
    refused(ErrorReason.ERROR_REASON_JOB_FAILED, () -> complete(JobCompletion.JOB_COMPLETION_KEEP));
    assertStates(JobState.JOB_STATE_FAILED);
    assertThat(world.paths("vda")).hasSize(4);
    assertThat(world.paths("vdb")).hasSize(4);
    assertThat(world.domain().getStatus().getState()).isEqualTo(DomainState.DOMAIN_STATE_CRASHED);
  }

  private Job commit(String disk) {
    return world
        .driver
        .blockJobs()
        .orElseThrow()
        .commit(
            call(),
            BlockCommitRequest.newBuilder().setDomain(GUEST).setDisk(disk).setActive(true).build());
  }

  private CompleteJobsResponse complete(JobCompletion completion) {
    return world
        .driver
        .jobGroups()
        .orElseThrow()
        .complete(
            call(),
            CompleteJobsRequest.newBuilder()
                .addAllJobIds(jobs.stream().map(Job::getId).toList())
                .setCompletion(completion)
                .build());
  }

  private void awaitState(Job job, JobState state) {
    org.awaitility.Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(30))
        .until(() -> world.job(job.getId()).getState() == state);
  }

  private void assertStates(JobState state) {
    assertThat(jobs)
        .allSatisfy(job -> assertThat(world.job(job.getId()).getState()).isEqualTo(state));
  }
}
