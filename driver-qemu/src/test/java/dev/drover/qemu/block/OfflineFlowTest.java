package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.journal.JobEnding;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits of a shut-off domain, turn by turn: the process is gone before anything else is done. */
class OfflineFlowTest {

  @TempDir Path directory;

  @Test
  void aCommitOfTheActiveImageEndsByItselfWithoutBeingReady() { // C16, C17
    FlowBench bench = active();
    List<String> definedAtRetirement = new ArrayList<>();
    assertThat(bench.job().getKind()).isEqualTo(JobKind.JOB_KIND_COMMIT);

    bench.sees(JobStatus.RUNNING);
    bench.sees(JobStatus.READY);
    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FINALIZING);
    assertThat(bench.entry().ending()).isEqualTo(JobEnding.PIVOT);
    bench.sees(JobStatus.PENDING);
    assertThat(bench.entry().step()).isEqualTo(JournalStep.DECIDED);
    definedAtRetirement.add(bench.definedActive());
    bench.host().reads(List.of("vda-4"));

    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();
    assertThat(bench.host().commands()).containsExactly("job-complete", "job-finalize", "retire");
    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.job().getResult().getPivoted()).isFalse();
    assertThat(definedAtRetirement).containsExactly("active.qcow2");
    assertThat(bench.definedActive()).isEqualTo("base.qcow2");
    assertThat(Files.exists(bench.images().path("active"))).isFalse();
  }

  @Test
  void aCancelThatComesBeforeTheEndIsACancel() { // C11
    FlowBench bench = active();
    bench.sees(JobStatus.RUNNING);
    assertThat(bench.record().order(JobState.JOB_STATE_RUNNING, JobEnding.CANCEL)).isTrue();

    bench.sees(JobStatus.READY);
    bench.sees(JobStatus.PENDING);
    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_CANCELLED);
    assertThat(bench.host().retired()).isTrue();
    assertThat(bench.definedActive()).isEqualTo("active.qcow2");
  }

  @Test
  void aCancelThatComesTooLateIsRefused() { // C11
    FlowBench bench = active();
    bench.sees(JobStatus.READY);

    assertThat(bench.record().order(JobState.JOB_STATE_RUNNING, JobEnding.CANCEL)).isFalse();
    assertThat(bench.record().order(JobState.JOB_STATE_FINALIZING, JobEnding.CANCEL)).isFalse();
  }

  @Test
  void whatIsDecidedHoldsWhereTheProcessIsGone() { // R2
    FlowBench bench = active();
    bench.sees(JobStatus.READY);
    bench.sees(JobStatus.PENDING);

    bench.flow().settleWithoutHost(new HostEnd(false, "it was killed"));

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(bench.definedActive()).isEqualTo("base.qcow2");
  }

  @Test
  void aProcessLostBeforeTheDecisionLeavesTheOldChain() { // R2
    FlowBench bench = active();
    bench.sees(JobStatus.READY);

    bench.flow().settleWithoutHost(new HostEnd(false, "it was killed"));

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.definedActive()).isEqualTo("active.qcow2");
    assertThat(Files.exists(bench.images().path("snap2"))).isTrue();
  }

  @Test
  void anEndThatIsRefusedIsAFailureOnTheOldChain() {
    FlowBench bench = active();
    bench.host().refuse("job-complete", "not now");
    bench.sees(JobStatus.READY);
    assertThat(bench.host().commands()).containsExactly("job-complete", "job-cancel");

    assertThat(bench.sees(JobStatus.CONCLUDED, "Operation canceled")).isTrue();

    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(bench.definedActive()).isEqualTo("active.qcow2");
    assertThat(bench.host().retired()).isTrue();
  }

  @Test
  void anIntermediateCommitIsFlushedBeforeItsProcessGoes() { // C4, R8
    FlowBench bench =
        new FlowBench(directory, BlockCommitRequest.newBuilder().setTop("snap2").build(), false);
    bench.sees(JobStatus.RUNNING);
    bench.sees(JobStatus.PENDING);
    bench.images().write("active", "base.qcow2");
    bench.host().reads(List.of("vda-1", "vda-4"));

    assertThat(bench.sees(JobStatus.CONCLUDED)).isTrue();

    assertThat(bench.host().commands())
        .containsExactly("blockdev-reopen", "job-finalize", "blockdev-reopen", "retire");
    assertThat(bench.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  private FlowBench active() {
    return new FlowBench(directory, BlockCommitRequest.newBuilder().setDelete(true).build(), false);
  }
}
