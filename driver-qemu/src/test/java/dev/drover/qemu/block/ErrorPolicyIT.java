package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.JobErrorPolicy;
import dev.drover.v1.JobState;
import dev.drover.v1.ResumeJobRequest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** C20 on a real QEMU whose storage fails once: what becomes of the job, and who lets it go on. */
@Tag("qemu")
class ErrorPolicyIT {

  private static final int SIZE = 8 << 20;
  private static final FaultyFile BROKEN_BASE = new FaultyFile("base", "write_aio", FaultyFile.EIO);
  private static final FaultyFile FULL_BASE =
      new FaultyFile("base", "write_aio", FaultyFile.ENOSPC);
  private static final FaultyFile BROKEN_ACTIVE =
      new FaultyFile("active", "write_aio", FaultyFile.EIO);

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(names = {"JOB_ERROR_POLICY_UNSPECIFIED", "JOB_ERROR_POLICY_STOP"})
  void commitThatLacksRoomGoesOnByItself(JobErrorPolicy policy) {
    try (BlockBench bench = new BlockBench(directory, SIZE, FULL_BASE)) {
      Job ended = bench.awaitEnd(intermediate(bench, policy).getId());

      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getRequest().getOnError()).isEqualTo(policy);
      assertThat(bench.told())
          .filteredOn(Job::getBlocked)
          .isNotEmpty()
          .allSatisfy(
              job -> {
                assertThat(job.getBlockedReason()).isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE);
                assertThat(job.getBlockedDetail()).contains(bench.images().path("base").toString());
                assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
              });
      assertThat(ended.getBlocked()).isFalse();
      assertThat(bench.chain()).isEqualTo(CommitIT.files("active base"));
      bench.assertNothingLost();
    }
  }

  @Test
  void commitThatMayNotBeBlockedFailsForWantOfRoom() {
    try (BlockBench bench = new BlockBench(directory, SIZE, FULL_BASE)) {
      Job ended =
          bench.awaitEnd(intermediate(bench, JobErrorPolicy.JOB_ERROR_POLICY_REPORT).getId());

      assertFailed(bench, ended, ErrorReason.ERROR_REASON_NO_SPACE);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"JOB_ERROR_POLICY_UNSPECIFIED", "JOB_ERROR_POLICY_REPORT"})
  void brokenStorageFailsTheJob(JobErrorPolicy policy) {
    try (BlockBench bench = new BlockBench(directory, SIZE, BROKEN_BASE)) {
      Job ended = bench.awaitEnd(intermediate(bench, policy).getId());

      assertFailed(bench, ended, ErrorReason.ERROR_REASON_JOB_IO_ERROR);
    }
  }

  @Test
  void brokenStorageHoldsTheJobUntilItIsResumed() { // C20: also over a restart of the daemon
    try (BlockBench bench = new BlockBench(directory, SIZE, BROKEN_BASE)) {
      Job started = active(bench);
      Job blocked = bench.await(started.getId(), Job::getBlocked);
      assertThat(blocked.getBlockedReason()).isEqualTo(ErrorReason.ERROR_REASON_JOB_IO_ERROR);
      assertThat(blocked.getBlockedDetail())
          .contains("writing '" + bench.images().path("base") + "'");
      assertThat(blocked.getProgress().getRateBytesPerSecond()).isZero();

      bench.closeDriver();
      bench.openDriver();
      assertThat(bench.await(started.getId(), Job::getBlocked).getBlockedDetail())
          .isEqualTo(blocked.getBlockedDetail());

      Job resumed = bench.jobs().resume(bench.call(), resume(started));
      assertThat(resumed.getBlocked()).isFalse();
      bench.await(started.getId(), job -> job.getState() == JobState.JOB_STATE_READY);
      assertThat(bench.jobs().resume(bench.call(), resume(started)).getState())
          .isEqualTo(JobState.JOB_STATE_READY);
      bench.guestWrites(0xe2, 6);
      bench.jobs().complete(bench.call(), CommitIT.pivot(started));
      assertThat(bench.chain()).isEqualTo(CommitIT.files("base"));
      bench.assertNothingLost();
    }
  }

  @Test
  void blockedJobIsCancelled() {
    try (BlockBench bench = new BlockBench(directory, SIZE, BROKEN_BASE)) {
      Job started = intermediate(bench, JobErrorPolicy.JOB_ERROR_POLICY_STOP);
      bench.await(started.getId(), Job::getBlocked);

      Job ended = bench.jobs().cancel(bench.call(), CopyIT.cancel(started));

      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(ended.getBlocked()).isFalse();
      assertThat(ended.getBlockedReason()).isEqualTo(ErrorReason.ERROR_REASON_UNSPECIFIED);
      assertThat(bench.chain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
      bench.guestWrites(0xe2, 6);
      bench.assertNothingLost();
    }
  }

  @Test
  void blockedActiveCommitIsCancelled() {
    try (BlockBench bench = new BlockBench(directory, SIZE, BROKEN_BASE)) {
      Job started = active(bench);
      Job blocked = bench.await(started.getId(), Job::getBlocked);
      assertThat(blocked.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);

      Job ended = bench.jobs().cancel(bench.call(), CopyIT.cancel(started));

      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(bench.chain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
      bench.guestWrites(0xe2, 6);
      bench.assertNothingLost();
    }
  }

  @Test
  void pullThatFailsWaitsToo() {
    try (BlockBench bench = new BlockBench(directory, SIZE, BROKEN_ACTIVE)) {
      Job started =
          bench
              .blockJobs()
              .pull(
                  bench.call(),
                  BlockPullRequest.newBuilder()
                      .setDomain(BlockBench.DOMAIN)
                      .setDisk("vda")
                      .setOnError(JobErrorPolicy.JOB_ERROR_POLICY_STOP)
                      .build());
      assertThat(bench.await(started.getId(), Job::getBlocked).getBlockedReason())
          .isEqualTo(ErrorReason.ERROR_REASON_JOB_IO_ERROR);

      bench.jobs().resume(bench.call(), resume(started));

      assertThat(bench.awaitEnd(started.getId()).getState())
          .isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(bench.chain()).containsExactly("active.qcow2");
      bench.assertNothingLost();
    }
  }

  private static Job intermediate(BlockBench bench, JobErrorPolicy policy) {
    BlockCommitRequest request =
        CommitIT.request(bench)
            .setTop(bench.images().path("snap2").toString())
            .setOnError(policy)
            .build();
    return bench.blockJobs().commit(bench.call(), request);
  }

  /** A commit of the active image that an error holds. */
  private static Job active(BlockBench bench) {
    BlockCommitRequest request =
        CommitIT.request(bench)
            .setActive(true)
            .setOnError(JobErrorPolicy.JOB_ERROR_POLICY_STOP)
            .build();
    return bench.blockJobs().commit(bench.call(), request);
  }

  private static void assertFailed(BlockBench bench, Job ended, ErrorReason reason) {
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(JobErrors.reason(ended)).isEqualTo(reason);
    assertThat(bench.told()).filteredOn(Job::getBlocked).isEmpty();
    List<String> old = CommitIT.files("active snap2 snap1 base");
    assertThat(bench.chain()).isEqualTo(old);
    bench.guestWrites(0xe2, 6);
    bench.assertNothingLost();
    assertThat(bench.definedChain()).isEqualTo(old);
  }

  static ResumeJobRequest resume(Job job) {
    return ResumeJobRequest.newBuilder().setJobId(job.getId()).build();
  }
}
