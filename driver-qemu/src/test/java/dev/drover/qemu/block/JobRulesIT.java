package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import dev.drover.v1.SetJobSpeedRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for every job on a real QEMU: one per disk, one per id, cancel, speed, deletion. */
@Tag("qemu")
class JobRulesIT {

  private static final int SIZE = 8 << 20;

  /** Large enough that a pull at the lowest speed does not end during a test. */
  private static final int LARGE = 64 << 20;

  @TempDir Path directory;

  @Test
  void aSecondJobOnTheDiskIsRefusedAndNamesTheFirst() { // 1F
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job first = CopyIT.ready(bench, copy(bench, "copy"));

      assertReason(
          () -> bench.blockJobs().pull(bench.call(), pull().build()),
          ErrorReason.ERROR_REASON_BLOCK_COPY_ACTIVE);
      assertThat(bench.jobs().list()).hasSize(1);
      bench.jobs().cancel(bench.call(), CopyIT.cancel(first));
      Job second = bench.blockJobs().pull(bench.call(), pull().build());
      assertThat(bench.awaitEnd(second.getId()).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      bench.assertNothingLost();
    }
  }

  @Test
  void theSameRequestTwiceIsOneJob() { // R1, R7
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      BlockPullRequest request = pull().setRequestId("mine").build();
      Job first = bench.blockJobs().pull(bench.call(), request);
      bench.awaitEnd(first.getId());

      bench.closeDriver();
      bench.openDriver();
      assertThat(bench.blockJobs().pull(bench.call(), request).getId()).isEqualTo(first.getId());
      assertThat(bench.jobs().list()).hasSize(1);
    }
  }

  @Test
  void validationStartsNothing() {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job draft =
          bench.blockJobs().copy(bench.call(), copy(bench, "copy").setValidateOnly(true).build());

      assertThat(draft.getId()).isEmpty();
      assertThat(draft.getRequest().getDestination().getPath()).endsWith("copy.qcow2");
      assertThat(bench.jobs().list()).isEmpty();
      assertThat(Files.exists(bench.images().path("copy"))).isFalse();
    }
  }

  @Test
  void theActiveImageOfARunningDomainNeedsActive() { // C8, D1
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      assertReason(
          () -> bench.blockJobs().commit(bench.call(), CommitIT.request(bench).build()),
          ErrorReason.ERROR_REASON_ACTIVE_COMMIT_REQUIRED);
      assertThat(bench.jobs().list()).isEmpty();
    }
  }

  @Test
  void aPullCanBeCancelledAndHasNoPivot() { // C11, D10
    try (BlockBench bench = new BlockBench(directory, LARGE)) {
      BlockPullRequest.Builder request = pull();
      request.getBandwidthBuilder().setBytesPerSecond(65536);
      Job job = bench.blockJobs().pull(bench.call(), request.build());
      bench.guestWrites(0xe1, 5);

      assertReason(
          () -> bench.jobs().complete(bench.call(), CommitIT.pivot(job)),
          ErrorReason.ERROR_REASON_JOB_KIND_INVALID);
      Job ended = bench.jobs().cancel(bench.call(), CopyIT.cancel(job));
      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(bench.chain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
      bench.assertNothingLost();
    }
  }

  @Test
  void speedIsChangedWhileTheJobRuns() { // R19
    try (BlockBench bench = new BlockBench(directory, LARGE)) {
      BlockPullRequest.Builder request = pull();
      request.getBandwidthBuilder().setBytesPerSecond(65536);
      Job job = bench.blockJobs().pull(bench.call(), request.build());
      assertThat(job.getSpeedBytesPerSecond()).isEqualTo(65536);

      Job faster =
          bench
              .jobs()
              .setSpeed(
                  bench.call(), SetJobSpeedRequest.newBuilder().setJobId(job.getId()).build());
      assertThat(faster.getSpeedBytesPerSecond()).isZero();
      Job ended = bench.awaitEnd(job.getId());
      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertReason(
          () ->
              bench
                  .jobs()
                  .setSpeed(
                      bench.call(), SetJobSpeedRequest.newBuilder().setJobId(job.getId()).build()),
          ErrorReason.ERROR_REASON_JOB_STATE_INVALID);
    }
  }

  @Test
  void anActiveCommitKeptLeavesTheDiskAndTheBaseReadOnly() { // D3, qemu: base stays writable
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = activeCommit(bench, CommitIT.request(bench));
      CompleteJobRequest keep =
          CompleteJobRequest.newBuilder()
              .setJobId(job.getId())
              .setCompletion(JobCompletion.JOB_COMPLETION_KEEP)
              .build();
      Job ended = bench.jobs().complete(bench.call(), keep);

      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(bench.chain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
      assertThat(bench.writableNodes())
          .containsExactly(bench.live().disk("vda").active().formatNode());
      assertThat(bench.jobs().complete(bench.call(), keep)).isEqualTo(ended);
      bench.guestWrites(0xe3, 7);
      bench.assertNothingLost();
    }
  }

  @Test
  void anActiveCommitDeletesExactlyWhatItInvalidated() { // C3, C13
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = activeCommit(bench, CommitIT.request(bench).setShallow(true).setDelete(true));
      Job ended = bench.jobs().complete(bench.call(), CommitIT.pivot(job));

      assertThat(ended.getResult().getDeletedPathsList())
          .containsExactly(bench.images().path("active").toString());
      assertThat(ended.getResult().getInvalidatedPathsList()).isEmpty();
      assertThat(Files.exists(bench.images().path("active"))).isFalse();
      assertThat(Files.exists(bench.images().path("snap2"))).isTrue();
      bench.assertNothingLost();
    }
  }

  @Test
  void aFileThatAnotherDomainNeedsIsNotDeleted() { // R3
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      bench.defineOther("snap2");
      Job job =
          bench
              .blockJobs()
              .commit(
                  bench.call(),
                  CommitIT.request(bench)
                      .setTop(bench.images().path("snap2").toString())
                      .setDelete(true)
                      .build());
      Job ended = bench.awaitEnd(job.getId());

      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ended.getResult().getDeletedPathsList()).isEmpty();
      assertThat(ended.getResult().getWarningsList())
          .anySatisfy(warning -> assertThat(warning).contains("snap2.qcow2").contains("other"));
      assertThat(Files.exists(bench.images().path("snap2"))).isTrue();
      assertThat(Files.exists(bench.images().path("snap1"))).isTrue();
    }
  }

  @Test
  void aDomainThatIsStoppedCancelsItsJobOnTheOldChain() { // F3, decision 4
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = activeCommit(bench, CommitIT.request(bench));
      bench.guestWrites(0xe3, 7);
      bench.stopQemu();

      Job ended = bench.awaitEnd(job.getId());
      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      bench.assertNothingLost();
      assertThat(bench.definedChain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
    }
  }

  @Test
  void aJobIsFoundAgainByTheNextDaemonAndCarriedOn() { // R2, R27
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = bench.blockJobs().copy(bench.call(), CopyIT.slow(bench, "copy").build());
      bench.closeDriver();
      bench.openDriver();

      assertThat(bench.jobs().get(job.getId()).orElseThrow().getState())
          .isEqualTo(JobState.JOB_STATE_RUNNING);
      bench
          .jobs()
          .setSpeed(bench.call(), SetJobSpeedRequest.newBuilder().setJobId(job.getId()).build());
      Job ended =
          bench
              .jobs()
              .complete(bench.call(), CommitIT.pivot(job).toBuilder().setWaitReady(true).build());
      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      bench.guestWrites(0xe3, 7);
      bench.assertNothingLost();
    }
  }

  private static BlockPullRequest.Builder pull() {
    return BlockPullRequest.newBuilder().setDomain(BlockBench.DOMAIN).setDisk("vda");
  }

  private static BlockCopyRequest.Builder copy(BlockBench bench, String name) {
    return CopyIT.request(bench, name, ImageFormat.IMAGE_FORMAT_QCOW2);
  }

  private static Job activeCommit(BlockBench bench, BlockCommitRequest.Builder request) {
    Job job = bench.blockJobs().commit(bench.call(), request.setActive(true).build());
    bench.guestWrites(0xe1, 5);
    return bench.await(job.getId(), now -> now.getState() == JobState.JOB_STATE_READY);
  }

  private static void assertReason(ThrowingCallable call, ErrorReason reason) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DriverException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
