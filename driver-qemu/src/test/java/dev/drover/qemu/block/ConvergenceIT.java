package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.spi.ProtoTimes;
import dev.drover.v1.Bandwidth;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.Convergence;
import dev.drover.v1.ConvergencePolicy;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R19 on a real QEMU: a guest that writes faster than its disk is copied. */
@Tag("qemu")
class ConvergenceIT {

  private static final int SIZE = 2 << 20;
  private static final long SLOW = 256 << 10;
  private static final long CRAWL = 16 << 10;
  private static final int MAX_PAUSE_SECONDS = 20;

  @TempDir Path directory;

  @Test
  void writerOutrunsACopyUntilItsDeadline() {
    try (BlockBench bench = new BlockBench(directory, SIZE);
        GuestWriter writer = new GuestWriter(bench)) {
      Job started =
          copy(
              bench,
              SLOW,
              Convergence.newBuilder()
                  .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_NONE)
                  .setDeadline(ProtoTimes.duration(Duration.ofSeconds(8))));
      Job ended = bench.awaitEnd(started.getId());
      writer.stop();

      assertNotConverged(bench, ended);
    }
  }

  @Test
  void deadlineHoldsOverARestartOfTheDaemon() { // counted from the start, whoever is there
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job started =
          copy(
              bench,
              CRAWL,
              Convergence.newBuilder().setDeadline(ProtoTimes.duration(Duration.ofMillis(1500))));
      bench.closeDriver();
      assertThat(bench.jobs().get(started.getId()).orElseThrow().getState())
          .isEqualTo(JobState.JOB_STATE_RUNNING);
      bench.openDriver();

      assertNotConverged(bench, bench.awaitEnd(started.getId()));
    }
  }

  @Test
  void synchronousWritesConverge() {
    try (BlockBench bench = new BlockBench(directory, SIZE);
        GuestWriter writer = new GuestWriter(bench)) {
      Job started =
          copy(
              bench,
              SLOW,
              Convergence.newBuilder()
                  .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_WRITE_BLOCKING));
      bench.await(started.getId(), ConvergenceIT::ready);
      writer.stop();

      pivot(bench, started);
    }
  }

  @Test
  void heldGuestLetsTheCopyConvergeOnce() {
    try (BlockBench bench = new BlockBench(directory, SIZE);
        GuestWriter writer = new GuestWriter(bench)) {
      Job started = copy(bench, SLOW, paused());
      Job ready = bench.await(started.getId(), ConvergenceIT::ready);
      assertThat(bench.runs()).as("the guest runs again at READY").isTrue();
      assertThat(ProtoTimes.duration(ready.getResult().getGuestPause()).toMillis())
          .isPositive()
          .isLessThan(MAX_PAUSE_SECONDS * 1000L);
      writer.stop();

      pivot(bench, started);
    }
  }

  @Test
  void guestStaysHeldUntilACopyThatEndsByItselfHasEnded() {
    try (BlockBench bench = new BlockBench(directory, SIZE);
        GuestWriter writer = new GuestWriter(bench)) {
      Job started =
          bench
              .blockJobs()
              .copy(
                  bench.call(),
                  request(bench, SLOW, paused())
                      .setAutoComplete(JobCompletion.JOB_COMPLETION_PIVOT)
                      .build());
      Job ended = bench.awaitEnd(started.getId());
      writer.stop();

      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(ProtoTimes.duration(ended.getResult().getGuestPause()).toMillis()).isPositive();
      assertThat(bench.runs()).isTrue();
      assertThat(bench.chain()).containsExactly("copy.qcow2");
      bench.assertNothingLost();
    }
  }

  @Test
  void daemonThatDiesWhileTheGuestIsHeldLetsItGoWhenItIsBack() { // R2
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      bench.run();
      Job started = copy(bench, CRAWL * 4, paused());
      bench.await(started.getId(), job -> job.getResult().hasGuestPause());
      bench.killDaemon();
      bench.closeDriver();
      bench.openDriver();

      assertThat(bench.runs()).isTrue();
      bench.jobs().setSpeed(bench.call(), CopyIT.unlimited(started));
      Job ready = bench.await(started.getId(), ConvergenceIT::ready);
      assertThat(ready.getResult().getWarningsList())
          .anySatisfy(warning -> assertThat(warning).contains("held"));
      pivot(bench, started);
    }
  }

  @Test
  void pausedGuestIsNotHeld() {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job started = copy(bench, SLOW, paused());
      Job ready = bench.await(started.getId(), ConvergenceIT::ready);

      assertThat(ready.getResult().hasGuestPause()).isFalse();
      assertThat(bench.runs()).isFalse();
      pivot(bench, started);
    }
  }

  private static boolean ready(Job job) {
    return job.getState() == JobState.JOB_STATE_READY;
  }

  private static Convergence.Builder paused() {
    return Convergence.newBuilder()
        .setPolicy(ConvergencePolicy.CONVERGENCE_POLICY_PAUSE)
        .setMaxPause(ProtoTimes.duration(Duration.ofSeconds(MAX_PAUSE_SECONDS)));
  }

  private static Job copy(BlockBench bench, long bytesPerSecond, Convergence.Builder convergence) {
    return bench
        .blockJobs()
        .copy(bench.call(), request(bench, bytesPerSecond, convergence).build());
  }

  private static BlockCopyRequest.Builder request(
      BlockBench bench, long bytesPerSecond, Convergence.Builder convergence) {
    return CopyIT.request(bench, "copy", ImageFormat.IMAGE_FORMAT_QCOW2)
        .setBandwidth(Bandwidth.newBuilder().setBytesPerSecond(bytesPerSecond))
        .setBufferSizeBytes(TestImages.BLOCK)
        .setConvergence(convergence);
  }

  private static void pivot(BlockBench bench, Job job) {
    bench.jobs().complete(bench.call(), CommitIT.pivot(job));
    assertThat(bench.chain()).containsExactly("copy.qcow2");
    bench.guestWrites(0xe3, 7);
    bench.assertNothingLost();
  }

  private static void assertNotConverged(BlockBench bench, Job ended) {
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(JobErrors.reason(ended)).isEqualTo(ErrorReason.ERROR_REASON_JOB_NOT_CONVERGED);
    assertThat(bench.images().path("copy")).doesNotExist();
    assertThat(bench.chain()).isEqualTo(CommitIT.files("active snap2 snap1 base"));
    bench.guestWrites(0xe3, 7);
    bench.assertNothingLost();
  }
}
