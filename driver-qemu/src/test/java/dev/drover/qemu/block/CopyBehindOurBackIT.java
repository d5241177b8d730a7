package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.qmp.BlockJobCommand;
import dev.drover.qemu.qmp.JobStatus;
import dev.drover.qemu.qmp.MonitorCommand;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A copy that somebody ends in QEMU's monitor: what becomes of it is recorded as it is (R1, R8).
 */
@Tag("qemu")
class CopyBehindOurBackIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"job-complete", "block-job-complete"})
  void aCopyCompletedByQmpIsGivenUpOnTheOldChain(String command) {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, false);
      String id = BehindOurBackIT.monitorId(job);
      if (command.equals("job-complete")) {
        bench.live().execute(new BlockJobCommand.JobComplete(id));
      } else {
        assertThat(
                bench.live().execute(new MonitorCommand.HumanMonitor("block_job_complete " + id)))
            .isEmpty();
      }

      assertOnTheOldChain(bench, bench.awaitEnd(job.getId()));
    }
  }

  @ParameterizedTest(name = "shallow={0} dismissed={1}")
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void aCopyPivotedByQmpWhileTheDaemonIsAwayIsToldAsPivoted(boolean shallow, boolean dismissed) {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, shallow);
      bench.closeDriver();
      pivot(bench, job, dismissed);
      bench.openDriver();

      Job ended = bench.awaitEnd(job.getId());
      assertPivoted(bench, ended, shallow ? "copy snap2 snap1 base" : "copy");
      assertThat(ended.getResult().getWarningsList()).hasSize(1);
    }
  }

  /** The daemon looks on and gives the job up, unless the other one was faster. */
  @Test
  void aCopyPivotedByQmpInFrontOfTheDaemonIsToldAsItWent() {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, false);
      bench.live().execute(new BlockJobCommand.JobComplete(BehindOurBackIT.monitorId(job)));
      boolean finalized = finalizes(bench, job);

      Job ended = bench.awaitEnd(job.getId());
      if (ended.getState() == JobState.JOB_STATE_SUCCEEDED) {
        assertThat(finalized).isTrue();
        assertPivoted(bench, ended, "copy");
      } else {
        assertOnTheOldChain(bench, ended);
      }
    }
  }

  private static boolean finalizes(BlockBench bench, Job job) {
    try {
      bench.live().execute(new BlockJobCommand.JobFinalize(BehindOurBackIT.monitorId(job)));
      return true;
    } catch (DriverException e) {
      assertThat(e.reason()).isEqualTo(ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED);
      return false;
    }
  }

  @Test
  void aCopyKeptByQmpWhileTheDaemonIsAwayIsToldAsEndedFromOutside() {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      Job job = ready(bench, false);
      String id = BehindOurBackIT.monitorId(job);
      bench.closeDriver();
      bench.behindTheDaemon(
          monitor -> {
            monitor.execute(new BlockJobCommand.BlockJobCancel(id, false));
            BehindOurBackIT.awaitStatus(monitor, id, JobStatus.PENDING);
            monitor.execute(new BlockJobCommand.JobFinalize(id));
            BehindOurBackIT.awaitStatus(monitor, id, JobStatus.CONCLUDED);
          });
      bench.openDriver();

      assertOnTheOldChain(bench, bench.awaitEnd(job.getId()));
    }
  }

  private static Job ready(BlockBench bench, boolean shallow) {
    Job job =
        bench
            .blockJobs()
            .copy(
                bench.call(),
                CopyIT.request(bench, "copy", ImageFormat.IMAGE_FORMAT_QCOW2)
                    .setShallow(shallow)
                    .build());
    bench.guestWrites(0xe1, 5);
    return bench.await(job.getId(), now -> now.getState() == JobState.JOB_STATE_READY);
  }

  static void pivot(BlockBench bench, Job job, boolean dismissed) {
    String id = BehindOurBackIT.monitorId(job);
    bench.behindTheDaemon(
        monitor -> {
          monitor.execute(new BlockJobCommand.JobComplete(id));
          BehindOurBackIT.awaitStatus(monitor, id, JobStatus.PENDING);
          monitor.execute(new BlockJobCommand.JobFinalize(id));
          BehindOurBackIT.awaitStatus(monitor, id, JobStatus.CONCLUDED);
          if (dismissed) {
            monitor.execute(new BlockJobCommand.JobDismiss(id));
          }
        });
  }

  private static void assertPivoted(BlockBench bench, Job ended, String chain) {
    List<String> files = CommitIT.files(chain);
    assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(ended.getResult().getPivoted()).isTrue();
    assertThat(ended.getResult().getWarningsList())
        .anySatisfy(warning -> assertThat(warning).contains("behind the daemon's back"));
    assertThat(told(ended)).isEqualTo(files);
    assertThat(bench.chain()).isEqualTo(files);
    assertThat(bench.journalEntries()).isZero();
    bench.assertNothingLeft();
    ChainRepairIT.consistent(bench.verify(), files.size());
    bench.guestWrites(0xe3, 7);
    bench.assertNothingLost();
    assertThat(bench.definedChain()).isEqualTo(files);
    assertThat(Files.exists(bench.images().path("active"))).as("nothing is deleted").isTrue();
  }

  private static void assertOnTheOldChain(BlockBench bench, Job ended) {
    List<String> files = CommitIT.files("active snap2 snap1 base");
    assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(JobErrors.reason(ended)).isEqualTo(ErrorReason.ERROR_REASON_HYPERVISOR_REFUSED);
    assertThat(ended.getError().getMessage()).contains("behind the daemon's back");
    assertThat(ended.getResult().getPivoted()).isFalse();
    assertThat(told(ended)).isEqualTo(files);
    assertThat(bench.chain()).isEqualTo(files);
    bench.assertNothingLeft();
    ChainRepairIT.consistent(bench.verify(), files.size());
    bench.assertNothingLost();
    assertThat(bench.definedChain()).isEqualTo(files);
  }

  private static List<String> told(Job job) {
    return job.getResult().getChainAfterList().stream()
        .map(image -> String.valueOf(Path.of(image.getPath()).getFileName()))
        .toList();
  }
}
