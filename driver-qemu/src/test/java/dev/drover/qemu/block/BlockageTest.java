package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.qmp.BlockJobInfo;
import dev.drover.qemu.qmp.IoStatus;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.JobType;
import dev.drover.qemu.qmp.QemuEvent;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.ErrorReason;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** C20: when a blocked job is told, tries again, and counts as going on. */
class BlockageTest {

  @TempDir private Path directory;

  private FlowBench bench;
  private Blockage blockage;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @BeforeEach
  void start() {
    bench =
        new FlowBench(
            directory, BlockCommitRequest.newBuilder().setDisk("vda").setTop("snap2").build());
    bench.sees(JobStatus.RUNNING);
    blockage = new Blockage(bench.record(), () -> now);
  }

  @Test
  void fullStorageIsTriedAgainEverySecondWithoutTellingEachAttempt() {
    looks(JobStatus.PAUSED, IoStatus.NOSPACE, 100);
    assertBlocked(ErrorReason.ERROR_REASON_NO_SPACE, "no space is left to write");
    assertThat(blockage.needsLook()).isTrue();
    long told = bench.job().getRevision();

    passes(999);
    looks(JobStatus.PAUSED, IoStatus.NOSPACE, 100);
    assertThat(bench.host().commands()).isEmpty();
    passes(1);
    looks(JobStatus.PAUSED, IoStatus.NOSPACE, 100);
    assertThat(bench.host().commands()).containsExactly("job-resume");
    looks(JobStatus.RUNNING, IoStatus.OK, 100);
    looks(JobStatus.PAUSED, IoStatus.NOSPACE, 100);
    assertThat(bench.job().getRevision()).isEqualTo(told);

    passes(1000);
    looks(JobStatus.PAUSED, IoStatus.NOSPACE, 100);
    looks(JobStatus.RUNNING, IoStatus.OK, 101);
    assertThat(blockage.needsLook()).isFalse();
    assertThat(bench.job().getBlocked()).isFalse();
    assertThat(bench.job().getBlockedDetail()).isEmpty();
    assertThat(bench.job().getBlockedReason()).isEqualTo(ErrorReason.ERROR_REASON_UNSPECIFIED);
  }

  @Test
  void brokenStorageWaitsForSomebody() {
    blockage.heard(new QemuEvent.BlockJobError("job-1", false, true));
    looks(JobStatus.PAUSED, IoStatus.FAILED, 100);
    assertBlocked(ErrorReason.ERROR_REASON_JOB_IO_ERROR, "reading");
    passes(1_000_000);
    looks(JobStatus.PAUSED, IoStatus.FAILED, 100);
    assertThat(bench.host().commands()).isEmpty();

    BooleanSupplier tried = blockage.ask();
    assertThat(tried.getAsBoolean()).isFalse();
    looks(JobStatus.PAUSED, IoStatus.FAILED, 100);
    assertThat(bench.host().commands()).containsExactly("job-resume");
    assertThat(tried.getAsBoolean()).isTrue();
    assertThat(bench.job().getBlocked()).isFalse();

    looks(JobStatus.PAUSED, IoStatus.FAILED, 100);
    assertThat(bench.job().getBlocked()).as("it fails again").isTrue();
  }

  @Test
  void mirrorInStandbyIsBlockedToo() {
    looks(JobStatus.STANDBY, IoStatus.NOSPACE, 100);
    assertThat(bench.job().getBlocked()).isTrue();
  }

  @Test
  void pauseOfADrainIsNoBlockage() {
    looks(JobStatus.PAUSED, IoStatus.OK, 100);
    looks(JobStatus.RUNNING, IoStatus.NOSPACE, 100);
    assertThat(bench.job().getBlocked()).isFalse();
  }

  @Test
  void nextDaemonKnowsTheBlockageFromTheRecord() {
    looks(JobStatus.PAUSED, IoStatus.NOSPACE, 100);
    long told = bench.job().getRevision();

    blockage = new Blockage(bench.record(), () -> now);
    looks(JobStatus.PAUSED, IoStatus.NOSPACE, 100);
    assertThat(bench.job().getRevision()).as("nothing is new").isEqualTo(told);
    assertThat(bench.host().commands()).as("tried at once").containsExactly("job-resume");
    passes(1000);
    looks(JobStatus.RUNNING, IoStatus.OK, 100);
    assertThat(bench.job().getBlocked()).isFalse();
  }

  @Test
  void recordOfAJobThatNothingHoldsIsNotRead() {
    bench =
        new FlowBench(
            directory, BlockCommitRequest.newBuilder().setDisk("vda").setActive(true).build());
    blockage = new Blockage(bench.record(), () -> now);
    bench.record().discard();
    looks(JobStatus.RUNNING, IoStatus.OK, 100);
    looks(JobStatus.PAUSED, IoStatus.OK, 100);
    assertThat(bench.record().known()).isEmpty();
  }

  private void assertBlocked(ErrorReason reason, String detail) {
    assertThat(bench.job().getBlocked()).isTrue();
    assertThat(bench.job().getBlockedReason()).isEqualTo(reason);
    assertThat(bench.job().getBlockedDetail()).contains(detail).contains(directory.toString());
  }

  private void passes(long millis) {
    now = now.plus(Duration.ofMillis(millis));
  }

  private void looks(JobStatus status, IoStatus ioStatus, long offset) {
    blockage.note(bench.host(), info(status, ioStatus, offset));
  }

  private static BlockJobInfo info(JobStatus status, IoStatus ioStatus, long offset) {
    return new BlockJobInfo(
        "job-1",
        JobType.COMMIT,
        1000,
        offset,
        false,
        status == JobStatus.PAUSED,
        0,
        ioStatus,
        status == JobStatus.STANDBY,
        status,
        false,
        false,
        Optional.empty());
  }
}
