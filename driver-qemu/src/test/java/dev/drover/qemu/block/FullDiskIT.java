package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CompleteJobRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobErrorPolicy;
import dev.drover.v1.JobState;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * C20 on a real QEMU and a file system that is full until room is made. Needs the right to mount;
 * {@link ErrorPolicyIT} shows the same without it, but cannot keep the storage full for longer.
 */
@Tag("qemu")
@EnabledIf("dev.drover.qemu.block.SmallFileSystem#possible")
class FullDiskIT {

  private static final int SIZE = 8 << 20;
  private static final int TOO_SMALL = 1024;
  private static final int ENOUGH = 32 * 1024;

  @TempDir Path directory;

  @Test
  void copyStandsStillAndGoesOnOnceThereIsRoom() { // C20, also over a restart of the daemon
    try (SmallFileSystem small = new SmallFileSystem(directory.resolve("small"), TOO_SMALL);
        BlockBench bench = new BlockBench(directory, SIZE)) {
      Job started = bench.blockJobs().copy(bench.call(), copy(small).build());
      Job blocked = bench.await(started.getId(), Job::getBlocked);
      assertThat(blocked.getBlockedReason()).isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE);
      assertThat(blocked.getBlockedDetail()).contains(small.path("copy.qcow2").toString());
      assertThat(blocked.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);

      bench.closeDriver();
      bench.openDriver();
      assertThat(bench.await(started.getId(), Job::getBlocked).getBlockedReason())
          .isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE);

      small.grow(ENOUGH);
      bench.await(started.getId(), job -> job.getState() == JobState.JOB_STATE_READY);
      bench.guestWrites(0xe2, 6);
      bench.jobs().complete(bench.call(), CommitIT.pivot(started));
      assertThat(bench.chain()).containsExactly("copy.qcow2");
      bench.guestWrites(0xe3, 7);
      bench.assertNothingLost();
    }
  }

  @Test
  void copyThatMayNotBeBlockedFailsAndLeavesNothing() {
    try (SmallFileSystem small = new SmallFileSystem(directory.resolve("small"), TOO_SMALL);
        BlockBench bench = new BlockBench(directory, SIZE)) {
      Job started =
          bench
              .blockJobs()
              .copy(
                  bench.call(),
                  copy(small).setOnError(JobErrorPolicy.JOB_ERROR_POLICY_REPORT).build());
      Job ended = bench.awaitEnd(started.getId());

      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
      assertThat(JobErrors.reason(ended)).isEqualTo(ErrorReason.ERROR_REASON_NO_SPACE);
      assertThat(small.path("copy.qcow2")).doesNotExist();
      assertThat(bench.chain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
      bench.guestWrites(0xe3, 7);
      bench.assertNothingLost();
    }
  }

  @Test
  void mirrorThatLacksRoomInReadyIsBlockedAndCanBeCancelled() {
    try (SmallFileSystem small = new SmallFileSystem(directory.resolve("small"), ENOUGH);
        BlockBench bench = new BlockBench(directory, SIZE)) {
      Job started = CopyIT.ready(bench, copy(small));
      small.fill();
      bench.guestWrites(0xe2, 101);
      Job blocked = bench.await(started.getId(), Job::getBlocked);
      assertThat(blocked.getState()).isEqualTo(JobState.JOB_STATE_READY);

      // The guest would stand still for as long as there is no room (D15).
      assertThatThrownBy(() -> bench.jobs().complete(bench.call(), heldPivot(started)))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_JOB_NOT_READY))
          .hasMessageContaining(small.path("copy.qcow2").toString());
      Job ended = bench.jobs().cancel(bench.call(), CopyIT.cancel(started));

      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(Files.exists(small.path("copy.qcow2"))).isFalse();
      assertThat(bench.chain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
      bench.assertNothingLost();
    }
  }

  private static CompleteJobRequest heldPivot(Job job) {
    return CompleteJobRequest.newBuilder()
        .setJobId(job.getId())
        .setCompletion(JobCompletion.JOB_COMPLETION_PIVOT)
        .setHoldGuest(true)
        .build();
  }

  private static BlockCopyRequest.Builder copy(SmallFileSystem small) {
    return BlockCopyRequest.newBuilder()
        .setDomain(BlockBench.DOMAIN)
        .setDisk("vda")
        .setDestination(
            Image.newBuilder()
                .setPath(small.path("copy.qcow2").toString())
                .setFormat(ImageFormat.IMAGE_FORMAT_QCOW2));
  }
}
