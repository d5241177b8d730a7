package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * R3, R9: snapshots of the images of a commit, however the job is settled. Each snapshot is called
 * as the image that holds it.
 */
class LostMomentFlowTest {

  private static final BlockCommitRequest BETWEEN =
      BlockCommitRequest.newBuilder().setTop("snap2").setDelete(true).build();
  private static final BlockCommitRequest ACTIVE =
      BlockCommitRequest.newBuilder().setActive(true).build();

  @TempDir Path directory;
  private FlowBench bench;

  @BeforeEach
  void start() {
    bench = bench(BETWEEN, true);
  }

  private FlowBench bench(BlockCommitRequest request, boolean running) {
    FlowBench made = new FlowBench(directory, request, running);
    List.of("base", "snap1", "snap2").forEach(made::snapshot);
    return made;
  }

  @Test
  void theMomentOfTheTopIsInTheBaseBeforeFilesGo() {
    bench.sees(JobStatus.PENDING);
    bench.images().write("active", "base.qcow2");
    bench.host().reads(List.of("vda-1", "vda-4"));
    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.lost()).containsExactly("base", "snap1");
    assertThat(bench.frozen("snap2")).isEqualTo("base.qcow2");
    assertThat(bench.images().files()).containsExactly("active.qcow2", "base.qcow2");
    assertThat(bench.job().getResult().getWarningsList())
        .satisfiesExactly(
            warning -> assertThat(warning).contains("'base'", "'vda'"),
            warning -> assertThat(warning).contains("'snap1'", "'vda'"));
  }

  @Test
  void marksStandOrFallWithTheSettling() { // R8
    bench.sees(JobStatus.PENDING);
    bench.images().write("active", "base.qcow2");
    bench.host().reads(List.of("vda-1", "vda-4"));
    bench
        .store()
        .strike(
            StrikingStore.Moment.BEFORE,
            JournalStep.SETTLED,
            () -> {
              throw StrikingStore.full();
            });
    Assertions.assertThatThrownBy(() -> bench.sees(JobStatus.CONCLUDED))
        .isInstanceOf(DriverException.class);
    assertThat(bench.lost()).isEmpty();
    assertThat(bench.frozen("snap2")).isEqualTo("snap2.qcow2");

    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();
    assertThat(bench.lost()).containsExactly("base", "snap1");
  }

  @Test
  void aCommitThatIsCancelledOrKilledHasWrittenIntoItsBase() {
    bench.sees(JobStatus.RUNNING);
    bench.record().order(JobState.JOB_STATE_RUNNING, JobEnding.CANCEL);
    assertThat(bench.sees(JobStatus.CONCLUDED, "Operation canceled")).isTrue();
    assertThat(bench.lost()).containsExactly("base", "snap1");
    assertThat(bench.frozen("snap2")).isEqualTo("snap2.qcow2");
    assertThat(bench.job().getResult().getWarningsList()).hasSize(2);

    FlowBench killed = bench(BETWEEN, false);
    killed.sees(JobStatus.PENDING);
    killed.flow().settleWithoutHost(new HostEnd(false, "it was killed"));
    assertThat(killed.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(killed.lost()).containsExactly("base", "snap1");
  }

  @Test
  void aCommitThatNeverBeganHasNot() {
    assertThat(bench.seesNothing()).isTrue();
    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.lost()).isEmpty();
    assertThat(bench.job().getResult().getWarningsList()).isEmpty();
  }

  @Test
  void aPivotLosesAllThatIsReadThroughTheImageTheGuestGoesOnIn() {
    bench = bench(ACTIVE, true);
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    bench.sees(JobStatus.READY);
    bench.sees(JobStatus.PENDING);
    bench.host().reads(List.of("vda-4"));
    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.lost()).containsExactly("base", "snap1", "snap2");
    assertThat(bench.job().getResult().getWarningsList()).hasSize(3);
  }

  @Test
  void aPivotThatWasDecidedLosesThemWithoutItsHostToo() { // R2
    for (boolean running : List.of(true, false)) {
      bench = bench(ACTIVE, running);
      bench.sees(JobStatus.READY);
      if (running) {
        bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
        bench.sees(JobStatus.READY);
      }
      bench.sees(JobStatus.PENDING);
      bench.flow().settleWithoutHost(new HostEnd(false, "killed"));

      assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(bench.lost()).containsExactly("base", "snap1", "snap2");
      assertThat(bench.job().getResult().getWarningsList()).hasSize(3);
    }
  }

  @Test
  void aMirrorThatIsKeptHasWrittenIntoItsBase() {
    bench = bench(ACTIVE, true);
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.KEEP);
    bench.sees(JobStatus.READY);
    bench.sees(JobStatus.PENDING);
    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.lost()).containsExactly("base", "snap1", "snap2");
    assertThat(bench.job().getResult().getWarningsList()).hasSize(3);
  }
}
