package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Copies to block devices of the host (E4, E16, E18: a device is always allowed to exist). */
@Tag("qemu")
@EnabledIf(value = "mayMakeDevices", disabledReason = "only root can make a loop device")
class BlockDeviceIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  static boolean mayMakeDevices() {
    return Files.isWritable(Path.of("/dev/loop-control"));
  }

  @Test
  void aRawDeviceOfTheDisksSizeTakesTheDiskOver() {
    try (LoopDevice device = new LoopDevice(directory.resolve("device"), SIZE);
        BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, request(device, ImageFormat.IMAGE_FORMAT_RAW));
      bench.guestWrites(0xe2, 6);
      bench.jobs().complete(bench.call(), CommitIT.pivot(job));

      bench.guestWrites(0xe3, 7);
      assertThat(bench.definedSource().getPath()).isEqualTo(device.path().toString());
      assertThat(bench.definedSource().getFormat()).isEqualTo(ImageFormat.IMAGE_FORMAT_RAW);
      bench.assertNothingLost();
    }
  }

  @Test
  void aLargerDeviceTakesAQcow2Image() {
    try (LoopDevice device = new LoopDevice(directory.resolve("device"), 2 * SIZE);
        BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, request(device, ImageFormat.IMAGE_FORMAT_QCOW2));
      bench.guestWrites(0xe2, 6);
      bench.jobs().complete(bench.call(), CommitIT.pivot(job));

      bench.guestWrites(0xe3, 7);
      assertThat(bench.definedSource().getPath()).isEqualTo(device.path().toString());
      bench.assertNothingLost();
    }
  }

  @Test
  void aRawDeviceOfAnotherSizeIsRefusedBeforeAnythingHappens() {
    try (LoopDevice device = new LoopDevice(directory.resolve("device"), 2 * SIZE);
        BlockBench bench = new BlockBench(directory, SIZE)) {
      assertThatThrownBy(
              () ->
                  bench
                      .blockJobs()
                      .copy(bench.call(), request(device, ImageFormat.IMAGE_FORMAT_RAW).build()))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_ARGUMENT))
          .hasMessageContaining(Integer.toString(SIZE))
          .hasMessageContaining(Integer.toString(2 * SIZE));
      assertThat(bench.jobList()).isEmpty();
      bench.assertNothingLost();
    }
  }

  @Test
  void aCancelledCopyLeavesTheDeviceThere() {
    try (LoopDevice device = new LoopDevice(directory.resolve("device"), SIZE);
        BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, request(device, ImageFormat.IMAGE_FORMAT_RAW));
      Job ended =
          bench
              .jobs()
              .cancel(bench.call(), CancelJobRequest.newBuilder().setJobId(job.getId()).build());

      assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      assertThat(device.path()).exists();
      bench.assertNothingLost();
    }
  }

  private static Job ready(BlockBench bench, BlockCopyRequest.Builder request) {
    Job job = bench.blockJobs().copy(bench.call(), request.build());
    return bench.await(job.getId(), now -> now.getState() == JobState.JOB_STATE_READY);
  }

  private static BlockCopyRequest.Builder request(LoopDevice device, ImageFormat format) {
    return BlockCopyRequest.newBuilder()
        .setDomain(BlockBench.DOMAIN)
        .setDisk("vda")
        .setDestination(Image.newBuilder().setPath(device.path().toString()).setFormat(format));
  }
}
