package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.Convergence;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R19: an active commit with an hour's time to become READY. */
class ConvergenceWatchTest {

  private static final long HOUR = 3600;

  @TempDir private Path directory;

  private FlowBench bench;
  private ConvergenceWatch watch;
  private long late;

  @BeforeEach
  void start() {
    bench =
        new FlowBench(
            directory,
            BlockCommitRequest.newBuilder()
                .setDisk("vda")
                .setActive(true)
                .setConvergence(
                    Convergence.newBuilder().setDeadline(Duration.newBuilder().setSeconds(HOUR)))
                .build());
    watch = watch();
    bench.sees(JobStatus.RUNNING);
  }

  private ConvergenceWatch watch() {
    InstantSource clock = () -> Instant.now().plusSeconds(late);
    return new ConvergenceWatch(
        bench.record(), new JobProgressMeter(bench.book(), clock, bench.record().id()), clock);
  }

  @Test
  void jobIsCancelledOnceWhenItsTimeIsOver() {
    looks(JobStatus.RUNNING);
    assertThat(bench.host().commands()).isEmpty();
    late = HOUR + 1;
    looks(JobStatus.PAUSED);
    looks(JobStatus.RUNNING);
    assertThat(bench.host().commands()).containsExactly("job-cancel");

    looks(JobStatus.CONCLUDED);
    bench.sees(JobStatus.CONCLUDED, "Operation canceled");
    assertNotConverged();
  }

  @Test
  void nextDaemonTellsTheSameEnd() { // R2: cancelled by the one before, which died then
    late = HOUR + 1;
    looks(JobStatus.RUNNING);
    watch = watch();
    looks(JobStatus.CONCLUDED);
    bench.sees(JobStatus.CONCLUDED, "Operation canceled");
    assertNotConverged();
  }

  @Test
  void errorOfTheJobItselfIsToldAsItIs() {
    late = HOUR + 1;
    looks(JobStatus.RUNNING);
    bench.sees(JobStatus.CONCLUDED, "Input/output error");
    assertThat(JobErrors.reason(bench.job())).isEqualTo(ErrorReason.ERROR_REASON_JOB_IO_ERROR);
  }

  @Test
  void readyJobHasAllTheTimeItWants() {
    bench.sees(JobStatus.READY);
    late = 10 * HOUR;
    looks(JobStatus.READY);
    looks(JobStatus.STANDBY);
    assertThat(bench.host().commands()).isEmpty();
    assertThat(bench.record().abandonment()).isEmpty();
  }

  @Test
  void workerSleepsNoLongerThanTheTimeThatIsLeft() {
    java.time.Duration longest = java.time.Duration.ofDays(1);
    assertThat(watch.sleep(longest))
        .isBetween(java.time.Duration.ofMillis(1), java.time.Duration.ofSeconds(HOUR));
    late = HOUR + 1;
    assertThat(watch.sleep(longest)).isEqualTo(java.time.Duration.ofMillis(1));
    looks(JobStatus.RUNNING);
    assertThat(watch.sleep(longest)).isEqualTo(longest);
  }

  @Test
  void recordOfAJobWithoutPromisesIsReadOnce() {
    bench =
        new FlowBench(
            directory, BlockCommitRequest.newBuilder().setDisk("vda").setActive(true).build());
    watch = watch();
    looks(JobStatus.RUNNING);
    bench.record().discard();

    looks(JobStatus.RUNNING);
    java.time.Duration longest = java.time.Duration.ofDays(1);
    assertThat(watch.sleep(longest)).isEqualTo(longest);
  }

  private void looks(JobStatus status) {
    watch.look(bench.host(), bench.host().job("job-1", status, ""));
  }

  private void assertNotConverged() {
    assertThat(bench.job().getState()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(JobErrors.reason(bench.job())).isEqualTo(ErrorReason.ERROR_REASON_JOB_NOT_CONVERGED);
    assertThat(bench.definedActive()).isEqualTo("active.qcow2");
  }
}
