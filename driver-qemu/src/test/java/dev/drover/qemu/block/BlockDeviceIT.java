package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.CancelJobRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Copies to block devices of the host (E4, E16, E18: a device is always allowed to exist). */
@Tag("qemu")
@EnabledIf(value = "mayMakeDevices", disabledReason = "only root can make a loop device")
class BlockDeviceIT {

  private static final int SIZE = 8 << 20;
  private static final int SMALL = 1 << 20;

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
  void aDeviceTooSmallForWhatThereIsIsRefusedBeforeAnythingHappens() { // R11
    long needed;
    try (LoopDevice device = new LoopDevice(directory.resolve("small"), SMALL);
        BlockBench bench = new BlockBench(directory, SIZE)) {
      DriverException refused =
          catchThrowableOfType(
              DriverException.class,
              () ->
                  bench
                      .blockJobs()
                      .copy(bench.call(), request(device, ImageFormat.IMAGE_FORMAT_QCOW2).build()));
      assertThat(refused.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);
      assertThat(refused).hasMessageContaining("'%s' has %d bytes".formatted(device.path(), SMALL));
      needed = needed(refused);
      assertThat(needed).isBetween((long) SMALL, (long) SIZE);
      assertThat(bench.jobList()).isEmpty();

      try (LoopDevice enough = new LoopDevice(directory.resolve("enough"), needed)) {
        Job job = ready(bench, request(enough, ImageFormat.IMAGE_FORMAT_QCOW2));
        bench.jobs().complete(bench.call(), CommitIT.pivot(job));
        assertThat(bench.definedSource().getPath()).isEqualTo(enough.path().toString());
        bench.assertNothingLost();
      }
    }
  }

  @Test
  void aDeviceTooSmallForAShutOffDomainIsRefusedAsWell() throws IOException { // R11
    try (LoopDevice device = new LoopDevice(directory.resolve("small"), SMALL);
        OfflineBench bench =
            new OfflineBench(Files.createDirectory(directory.resolve("o")), SIZE)) {
      BlockCopyRequest request =
          request(device, ImageFormat.IMAGE_FORMAT_QCOW2).setDomain(OfflineBench.DOMAIN).build();
      assertThatThrownBy(() -> bench.blockJobs().copy(bench.call(), request))
          .isInstanceOfSatisfying(
              DriverException.class,
              e -> assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_ARGUMENT))
          .hasMessageContaining("at least");
      assertThat(bench.jobList()).isEmpty();
    }
  }

  @Test
  void whatLiesBelowAShallowCopyTakesNoRoom() {
    try (LoopDevice device = new LoopDevice(directory.resolve("shallow"), 2 * SMALL);
        BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, request(device, ImageFormat.IMAGE_FORMAT_QCOW2).setShallow(true));
      assertThat(job.getResult().getWarningsList()).isEmpty();
      bench.assertNothingLost();
    }
  }

  private static long needed(DriverException refused) {
    Matcher words = Pattern.compile("at least ([0-9]+)").matcher(refused.getMessage());
    assertThat(words.find()).as(refused.getMessage()).isTrue();
    return Long.parseLong(words.group(1));
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
