package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drover.qemu.block.StrikingStore.Moment;
import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.JobState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An active commit, turn by turn. */
class TwoPhaseFlowTest {

  private static final BlockCommitRequest REQUEST =
      BlockCommitRequest.newBuilder().setActive(true).setDelete(true).build();

  @TempDir Path directory;
  private FlowBench bench;

  @BeforeEach
  void start() {
    bench = new FlowBench(directory, REQUEST);
  }

  @Test
  void readyIsAStateThatFlapsDoNotChange() { // R5
    bench.sees(JobStatus.RUNNING);
    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_RUNNING);
    for (JobStatus status : List.of(JobStatus.READY, JobStatus.STANDBY, JobStatus.READY)) {
      assertThat(bench.sees(status)).isFalse();
      assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_READY);
    }
    assertThat(bench.host().commands()).isEmpty();
  }

  @Test
  void aJobThatIsReadyBeforeItsStartWasAnsweredIsReady() {
    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_PENDING);
    bench.sees(JobStatus.READY);
    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_READY);
  }

  @Test
  void aPivotIsDecidedInTheJournalBeforeItIsFinalized() { // R2, protocol B
    List<JournalStep> atFinalize = new ArrayList<>();
    bench.host().when("job-finalize", () -> atFinalize.add(bench.entry().step()));
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    bench.sees(JobStatus.STANDBY);
    assertThat(bench.host().commands()).isEmpty();
    bench.sees(JobStatus.READY);
    bench.sees(JobStatus.READY);
    assertThat(bench.host().commands()).containsExactly("job-complete");
    bench.sees(JobStatus.PENDING);
    assertThat(atFinalize).containsExactly(JournalStep.DECIDED);

    bench.host().reads(List.of("vda-4"));
    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.job().getResult().getPivoted()).isTrue();
    assertThat(bench.definedActive()).isEqualTo("base.qcow2");
    assertThat(bench.host().commands()).startsWith("job-complete", "job-finalize", "job-dismiss");
    assertThat(bench.images().files()).containsExactly("base.qcow2"); // C13
  }

  @Test
  void aPivotThatQemuConcludesAtOnceNeedsNoOtherTurn() {
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    bench.sees(JobStatus.READY);
    pivotsAtOnce(bench);
    assertThat(bench.sees(JobStatus.PENDING)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.definedActive()).isEqualTo("base.qcow2");
    assertThat(bench.host().commands())
        .containsExactly("job-complete", "job-finalize", "job-dismiss");
    assertThat(bench.host().questions())
        .containsExactly("query-block-jobs", "x-debug-query-block-graph");
  }

  @Test
  void aPivotThatUnlinksNothingIsSettledWithItsEnd() { // R8
    FlowBench kept = keepingFiles();
    List<JournalStep> atDismiss = new ArrayList<>();
    kept.host().when("job-dismiss", () -> atDismiss.add(kept.entry().step()));
    assertThat(kept.sees(JobStatus.PENDING)).isFalse();
    kept.host().reads(List.of("vda-4"));
    assertThat(kept.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(atDismiss).containsOnly(JournalStep.DECIDED);
    assertThat(kept.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(kept.job().getResult().getPivoted()).isTrue();
    assertThat(kept.definedActive()).isEqualTo("base.qcow2");
    assertThat(kept.images().files()).hasSize(4);
  }

  @Test
  void whatAPivotLeavesIsLetGoRightBehindTheOrder() {
    FlowBench kept = keepingFiles();
    pivotsAtOnce(kept);
    assertThat(kept.sees(JobStatus.PENDING)).isTrue();
    assertThat(kept.host().commands())
        .startsWith("job-complete", "job-finalize", "job-dismiss", "blockdev-del")
        .containsOnlyOnce("job-dismiss");
    assertThat(kept.host().questions())
        .containsExactly("query-block-jobs", "x-debug-query-block-graph");
    assertThat(kept.job().getResult().getWarningsList()).isEmpty();
  }

  @Test
  void whereTheJobTakesLongerWhatItLeavesIsLetGoAgain() {
    FlowBench kept = keepingFiles();
    assertThat(kept.sees(JobStatus.PENDING)).isFalse();
    assertThat(kept.state()).isEqualTo(JobState.JOB_STATE_FINALIZING);
    kept.host().commands().clear();
    kept.host().reads(List.of("vda-4"));
    assertThat(kept.sees(JobStatus.CONCLUDED)).isTrue();
    assertThat(kept.host().commands()).containsExactly("job-dismiss");
    assertThat(kept.job().getResult().getWarningsList()).isEmpty();
  }

  @Test
  void aPivotThatFailsAtOnceSaysWhyThoughItIsDismissed() { // R1
    FlowBench kept = keepingFiles();
    kept.host().when("job-finalize", () -> concludes(kept, "no luck"));
    assertThat(kept.sees(JobStatus.PENDING)).isTrue();
    assertThat(kept.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(kept.job().getError().getMessage()).contains("no luck");
    assertThat(kept.definedActive()).isEqualTo("active.qcow2");
  }

  @Test
  void aPivotThatFailedWhileTheDaemonWasGoneIsToldAsThat() { // R1, R2
    FlowBench kept = keepingFiles();
    assertThat(kept.sees(JobStatus.PENDING)).isFalse();
    assertThat(kept.seesNothing()).isTrue();
    assertThat(kept.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(kept.job().getError().getMessage()).contains("while the daemon did not look");
    assertThat(kept.definedActive()).isEqualTo("active.qcow2");
  }

  private static void pivotsAtOnce(FlowBench bench) {
    bench
        .host()
        .when(
            "job-finalize",
            () -> {
              concludes(bench, "");
              bench.host().reads(List.of("vda-4"));
            });
  }

  @Test
  void whereItsEndCannotBeWrittenAPivotIsNeitherSettledNorLost() { // R2, R8
    FlowBench kept = keepingFiles();
    kept.sees(JobStatus.PENDING);
    kept.host().reads(List.of("vda-4"));
    kept.store()
        .strikeAtEnd(
            Moment.BEFORE,
            () -> {
              throw StrikingStore.full();
            });
    assertThatThrownBy(() -> kept.sees(JobStatus.CONCLUDED)).isInstanceOf(DriverException.class);
    assertThat(kept.state()).isEqualTo(JobState.JOB_STATE_FINALIZING);
    assertThat(kept.definedActive()).isEqualTo("active.qcow2");
    assertThat(kept.entry().step()).isEqualTo(JournalStep.DECIDED);

    assertThat(kept.seesNothing()).isTrue();
    assertThat(kept.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(kept.job().getResult().getWarningsList()).isEmpty();
    assertThat(kept.definedActive()).isEqualTo("base.qcow2");
  }

  /** An active commit that was ordered to pivot and told so, and deletes nothing. */
  private FlowBench keepingFiles() {
    FlowBench kept = new FlowBench(directory, REQUEST.toBuilder().setDelete(false).build());
    kept.sees(JobStatus.READY);
    kept.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    kept.sees(JobStatus.READY);
    return kept;
  }

  @Test
  void aPivotForWhichTheGuestIsHeldWaitsUntilItWasLetGo() { // R19
    FlowBench kept = keepingFiles();
    kept.record().guestPause(Optional.of(Duration.ZERO));
    pivotsAtOnce(kept);
    assertThat(kept.sees(JobStatus.PENDING)).isFalse();
    assertThat(kept.state()).isEqualTo(JobState.JOB_STATE_FINALIZING);
    assertThat(kept.sees(JobStatus.CONCLUDED)).isTrue();
    assertThat(kept.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void aPivotThatFailsAtOnceLeavesTheOldChain() {
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    bench.sees(JobStatus.READY);
    bench.host().when("job-finalize", () -> concludes(bench, "Input/output error"));
    assertThat(bench.sees(JobStatus.PENDING)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.definedActive()).isEqualTo("active.qcow2");
    assertThat(bench.images().files()).hasSize(4);
  }

  private static void concludes(FlowBench bench, String error) {
    var _ = bench.host().job(bench.record().monitorId(), JobStatus.CONCLUDED, error);
  }

  @Test
  void aJobThatAnErrorHoldsBeforeItIsReadyIsCancelledByForce() { // C20
    bench.sees(JobStatus.RUNNING);
    bench.record().order(JobState.JOB_STATE_RUNNING, JobEnding.CANCEL);
    bench.sees(JobStatus.PAUSED);
    bench.sees(JobStatus.PAUSED);
    assertThat(bench.host().commands()).containsExactly("job-cancel");
  }

  @Test
  void aSoftCancelThatQemuReportsAsCompletedIsACancel() { // D9
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.CANCEL);
    bench.sees(JobStatus.READY);
    bench.sees(JobStatus.PENDING);
    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(bench.host().commands())
        .containsExactly("block-job-cancel", "job-finalize", "job-dismiss", "blockdev-reopen");
    assertThat(bench.definedActive()).isEqualTo("active.qcow2");
    assertThat(bench.images().files()).hasSize(4);
  }

  @Test
  void aConclusionWithoutErrorIsNoPivotWhereTheDeviceReadsTheOldNode() {
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    bench.sees(JobStatus.READY);
    bench.sees(JobStatus.PENDING);
    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.definedActive()).isEqualTo("active.qcow2");
    assertThat(bench.images().files()).hasSize(4);
  }

  @Test
  void whereTheDecisionCannotBeWrittenTheGuestIsLetGoOnTheOldChain() {
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    bench.sees(JobStatus.READY);
    bench
        .store()
        .strike(
            Moment.BEFORE,
            JournalStep.DECIDED,
            () -> {
              throw StrikingStore.full();
            });
    bench.sees(JobStatus.PENDING);

    assertThat(bench.host().commands()).containsExactly("job-complete", "job-cancel");
    assertThat(bench.sees(JobStatus.CONCLUDED, "Operation canceled")).isTrue();
    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.definedActive()).isEqualTo("active.qcow2");
  }

  @Test
  void aDecisionIsTakenBackWhereTheHypervisorRefusesToFinalize() {
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    bench.sees(JobStatus.READY);
    bench.host().refuse("job-finalize", "no");
    bench.sees(JobStatus.PENDING);

    assertThat(bench.entry().step()).isEqualTo(JournalStep.END_REQUESTED);
    assertThat(bench.host().commands())
        .containsExactly("job-complete", "job-finalize", "job-cancel");
  }

  @Test
  void aRefusedCompletionLeavesTheJobReady() {
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    bench.host().refuse("job-complete", "not now");
    bench.sees(JobStatus.READY);

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_READY);
    assertThat(bench.entry().ending()).isEqualTo(JobEnding.NONE);
    assertThat(bench.record().refusal()).contains("not now");
  }

  @Test
  void aFullDiskFailsTheJobAndDeletesNothing() { // C13, C20
    bench.sees(JobStatus.RUNNING);
    assertThat(bench.sees(JobStatus.CONCLUDED, "No space left on device")).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.job().getError().getMessage()).contains("ran out of space");
    assertThat(bench.images().files()).hasSize(4);
    assertThat(bench.host().commands()).contains("job-dismiss", "blockdev-reopen");
  }

  @Test
  void aJobCompletedBehindTheDaemonsBackIsCancelledBeforeItCanPivot() {
    bench.sees(JobStatus.READY);
    bench.sees(JobStatus.PENDING);
    assertThat(bench.host().commands()).containsExactly("job-cancel");
  }

  @Test
  void aPivotDoneBehindTheDaemonsBackIsTold() {
    bench.sees(JobStatus.READY);
    bench.host().reads(List.of("vda-4"));
    assertThat(bench.seesNothing()).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.definedActive()).isEqualTo("base.qcow2");
  }

  @Test
  void aDeviceOnAnUnknownNodeIsDivergenceAndDeletesNothing() { // R8
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    bench.sees(JobStatus.READY);
    bench.sees(JobStatus.PENDING);
    bench.host().reads(List.of("stranger"));
    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.job().getError().getMessage()).contains("stranger");
    assertThat(bench.images().files()).hasSize(4);
  }

  @Test
  void whereTheHypervisorDiesTheLastDecisionCounts() {
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    bench.sees(JobStatus.READY);
    bench.sees(JobStatus.PENDING);
    bench.flow().settleWithoutHost(new HostEnd(false, "killed"));

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.definedActive()).isEqualTo("base.qcow2");
    assertThat(Files.exists(bench.images().path("active"))).isFalse();
  }

  @Test
  void whereTheHypervisorDiesUndecidedTheOldChainStays() {
    bench.sees(JobStatus.READY);
    bench.record().order(JobState.JOB_STATE_READY, JobEnding.PIVOT);
    bench.sees(JobStatus.READY);
    bench.flow().settleWithoutHost(new HostEnd(false, "killed"));

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.definedActive()).isEqualTo("active.qcow2");
    assertThat(bench.images().files()).hasSize(4);
  }

  @Test
  void aDomainThatIsStoppedCancelsItsJob() { // decision 4
    bench.sees(JobStatus.READY);
    bench.flow().settleWithoutHost(new HostEnd(true, "its domain was destroyed"));

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(bench.definedActive()).isEqualTo("active.qcow2");
  }
}
