package dev.drover.test;

import static dev.drover.test.DriverFixture.GUEST;
import static dev.drover.test.DriverFixture.NAME;
import static dev.drover.test.DriverFixture.call;
import static dev.drover.test.DriverFixture.disk;
import static dev.drover.test.DriverFixture.refused;
import static dev.drover.test.DriverFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pulls, by their own call and by libvirt's older one (E1). */
class PullTest {

  private final DriverFixture world = new DriverFixture();

  @AfterEach
  void close() {
    world.close();
  }

  @ParameterizedTest(name = "keep {0}, running={1}")
  @CsvSource({
    "'', true, /i/active",
    "/i/base, true, /i/active /i/base",
    "/i/snap1, true, /i/active /i/snap1 /i/base",
    "/i/snap2, true, /i/active /i/snap2 /i/snap1 /i/base",
    "'', false, /i/active",
    "/i/snap1, false, /i/active /i/snap1 /i/base",
  })
  void pulledDiskReadsTheSameOnTheShorterChain(String base, boolean running, String after) {
    world.chain("/i");
    world.define(NAME, disk("vda", "/i/active"));
    if (running) {
      world.start(NAME);
    }
    String seen = world.guestSha();
    String snap2 = world.sha("/i/snap2");

    Job job = pull(base);
    assertThat(job.getKind()).isEqualTo(JobKind.JOB_KIND_PULL);
    world.advanceSeconds(1);

    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.paths("vda")).containsExactly(after.split(" "));
    assertThat(world.guestSha()).isEqualTo(seen);
    assertThat(world.sha("/i/snap2")).as("images left behind stay usable").isEqualTo(snap2);
    assertThat(world.job(job.getId()).getResult().getInvalidatedPathsList()).isEmpty();
  }

  @Test
  void guestWritesDuringThePullWin() {
    world.running();
    Job job = pull("");
    world.guestWrites(write(12, 2, 50), write(30, 1, 51));
    String seen = world.guestSha();
    world.advanceSeconds(1);
    assertThat(world.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(world.guestSha()).isEqualTo(seen);
  }

  @Test
  void rebaseWithoutCopyIsAPull() {
    // E1, E17
    world.running();
    Job job =
        world
            .driver
            .blockJobs()
            .orElseThrow()
            .rebase(
                call(),
                BlockRebaseRequest.newBuilder()
                    .setDomain(GUEST)
                    .setDisk("/i/active")
                    .setBase("/i/base")
                    .build());
    world.advanceSeconds(1);
    assertThat(world.job(job.getId()).getKind()).isEqualTo(JobKind.JOB_KIND_PULL);
    assertThat(world.paths("vda")).containsExactly("/i/active", "/i/base");
  }

  @Test
  void pullCannotBePivoted() {
    // D10: also before it has ended.
    world.running();
    Job job = pull("");
    refused(
        ErrorReason.ERROR_REASON_JOB_KIND_INVALID,
        () -> world.complete(job, JobCompletion.JOB_COMPLETION_PIVOT));
  }

  @Test
  void secondJobOnTheDiskIsRefusedAndNamesTheFirst() {
    // 1F
    world.running();
    pull("");
    refused(ErrorReason.ERROR_REASON_BLOCK_JOB_ACTIVE, () -> pull("/i/base"));
  }

  @Test
  void sameJobIdIsOneJob() {
    // R1
    world.running();
    BlockPullRequest request =
        BlockPullRequest.newBuilder().setDomain(GUEST).setDisk("vda").setJobId("mine").build();
    Job first = world.driver.blockJobs().orElseThrow().pull(call(), request);
    world.advanceSeconds(1);
    Job again = world.driver.blockJobs().orElseThrow().pull(call(), request);
    assertThat(first.getId()).isEqualTo("mine");
    assertThat(again).isEqualTo(world.job("mine"));
    refused(
        ErrorReason.ERROR_REASON_JOB_ID_REUSED,
        () ->
            world
                .driver
                .blockJobs()
                .orElseThrow()
                .pull(call(), request.toBuilder().setBase("/i/base").build()));
  }

  @Test
  void validateOnlyStartsNothing() {
    world.running();
    Job shown =
        world
            .driver
            .blockJobs()
            .orElseThrow()
            .pull(
                call(),
                BlockPullRequest.newBuilder()
                    .setDomain(GUEST)
                    .setDisk("vda")
                    .setValidateOnly(true)
                    .build());
    assertThat(shown.getId()).isEmpty();
    assertThat(shown.getRequest().getTop()).isEqualTo("/i/active");
    assertThat(world.driver.jobs().orElseThrow().list()).isEmpty();
    pull("");
  }

  private Job pull(String base) {
    BlockPullRequest.Builder request =
        BlockPullRequest.newBuilder().setDomain(GUEST).setDisk("vda");
    if (!base.isEmpty()) {
      request.setBase(base);
    }
    return world.driver.blockJobs().orElseThrow().pull(call(), request.build());
  }
}
