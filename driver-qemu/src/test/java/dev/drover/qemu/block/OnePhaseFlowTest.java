package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.JobState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An intermediate commit of snap2 and snap1 into base, turn by turn. */
class OnePhaseFlowTest {

  private static final BlockCommitRequest REQUEST =
      BlockCommitRequest.newBuilder().setTop("snap2").setDelete(true).build();

  @TempDir Path directory;
  private FlowBench bench;

  @BeforeEach
  void start() {
    bench = new FlowBench(directory, REQUEST);
  }

  /** What QEMU does to the header when the job is finalized. */
  private void rewriteHeader(String backing) {
    bench.images().write("active", backing);
  }

  @Test
  void baseIsFlushedAndTheStepWrittenBeforeTheHeaderMayChange() { // R2
    List<JournalStep> atFinalize = new ArrayList<>();
    bench.host().when("job-finalize", () -> atFinalize.add(bench.entry().step()));
    bench.sees(JobStatus.RUNNING);
    bench.sees(JobStatus.PENDING);

    assertThat(bench.host().commands()).containsExactly("blockdev-reopen", "job-finalize");
    assertThat(atFinalize).containsExactly(JournalStep.FINALIZING);
    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FINALIZING);
  }

  @Test
  void invalidatedFilesAreDeletedAfterTheChainWasCompared() { // C13, R8
    bench.sees(JobStatus.PENDING);
    rewriteHeader("base.qcow2");
    bench.host().reads(List.of("vda-1", "vda-4"));
    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.images().files()).containsExactly("active.qcow2", "base.qcow2");
    assertThat(bench.job().getResult().getDeletedPathsList()).hasSize(2);
  }

  @Test
  void aHeaderThatSaysSomethingElseIsDivergenceAndDeletesNothing() { // R8
    bench.sees(JobStatus.PENDING);
    rewriteHeader("snap1.qcow2");
    bench.host().reads(List.of("vda-1", "vda-4"));
    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.job().getError().getMessage()).contains("snap1.qcow2");
    assertThat(bench.images().files()).hasSize(4);
    assertInvalidated("snap2", "snap1");
  }

  @Test
  void aGraphThatIsNotThePlannedOneIsDivergenceAndDeletesNothing() { // R8
    bench.sees(JobStatus.PENDING);
    rewriteHeader("base.qcow2");
    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.images().files()).hasSize(4);
  }

  @Test
  void whereBaseCannotBeFlushedTheJobIsGivenUp() {
    bench.host().refuse("blockdev-reopen", "No space left on device");
    bench.sees(JobStatus.PENDING);
    assertThat(bench.host().commands()).containsExactly("blockdev-reopen", "job-cancel");
    assertThat(bench.sees(JobStatus.CONCLUDED, "Operation canceled")).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.job().getError().getMessage()).contains("ran out of space");
  }

  @Test
  void nodesThatHaveMovedWithoutTheHeaderAreDivergenceAndNotTheOldChain() { // R8
    bench.sees(JobStatus.PENDING);
    bench.host().reads(List.of("vda-1", "vda-4"));
    assertThat(bench.sees(JobStatus.CONCLUDED, "Input/output error")).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(JobErrors.reason(bench.job())).isEqualTo(ErrorReason.ERROR_REASON_CHAIN_DIVERGED);
    assertThat(bench.job().getError().getMessage()).contains("Input/output error");
    assertThat(bench.images().files()).hasSize(4);
  }

  @Test
  void aCancelIsSentOnceAndEndsTheJobOnTheOldChain() { // C11
    bench.sees(JobStatus.RUNNING);
    bench.record().order(JobState.JOB_STATE_RUNNING, JobEnding.CANCEL);
    bench.sees(JobStatus.RUNNING);
    bench.sees(JobStatus.PAUSED);
    assertThat(bench.host().commands()).containsExactly("job-cancel");
    assertThat(bench.sees(JobStatus.CONCLUDED, "Operation canceled")).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(bench.images().files()).hasSize(4);
    assertInvalidated("snap1");
  }

  @Test
  void aCancelThatComesAtPendingIsStillACancel() {
    bench.sees(JobStatus.RUNNING);
    bench.record().order(JobState.JOB_STATE_RUNNING, JobEnding.CANCEL);
    bench.sees(JobStatus.PENDING);
    assertThat(bench.host().commands()).containsExactly("job-cancel");
  }

  @Test
  void aJobCancelledBehindTheDaemonsBackIsToldAsCancelled() {
    bench.sees(JobStatus.RUNNING);
    assertThat(bench.sees(JobStatus.CONCLUDED, "Operation canceled")).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(bench.job().getError().getMessage()).contains("from outside");
  }

  @Test
  void aJobThatQemuNeverBeganFails() {
    assertThat(bench.seesNothing()).isTrue();
    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertInvalidated();
  }

  private void assertInvalidated(String... images) {
    assertThat(bench.job().getResult().getInvalidatedPathsList())
        .containsExactlyElementsOf(
            Stream.of(images).map(image -> bench.images().path(image).toString()).toList());
  }

  @Test
  void aJobDismissedByAnotherIsReadFromTheHeader() {
    bench.sees(JobStatus.PENDING);
    rewriteHeader("base.qcow2");
    bench.host().reads(List.of("vda-1", "vda-4"));
    assertThat(bench.seesNothing()).isTrue();
    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void whereTheHypervisorDiesBeforeTheHeaderWasRewrittenTheJobFailsOnTheOldChain() { // R2
    bench.sees(JobStatus.PENDING);
    bench.flow().settleWithoutHost(new HostEnd(false, "killed"));

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.images().files()).hasSize(4);
  }
}
