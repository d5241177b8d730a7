package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.qemu.block.CrashScenario.Kind;
import dev.drover.qemu.block.CrashScenario.Victim;
import dev.drover.qemu.block.StrikingStore.Moment;
import dev.drover.qemu.journal.JournalStep;
import dev.drover.qemu.process.QemuProcess;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.JobState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R1, R2, R8 for shut-off domains: the storage daemon, the daemon, or both die at each step of each
 * kind of job and around the record of the process, right before and right after it becomes
 * durable. Whatever dies, the job ends with the truth, the stored definition holds all data, and no
 * process is left.
 */
@Tag("qemu")
@Tag("crash")
class OfflineCrashIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  static Stream<Arguments> everyStepOfEveryKind() {
    return CrashScenario.everyStepOfEveryKind(false);
  }

  static Stream<Arguments> everyKind() {
    return CrashScenario.everyKind();
  }

  @ParameterizedTest(name = "{0}, {1} {2}: {3} dies")
  @MethodSource("everyStepOfEveryKind")
  void theJobTellsTheTruthAndNothingIsLost(
      Kind kind, Moment moment, JournalStep step, Victim victim) throws Exception {
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      CrashScenario scenario = new CrashScenario(bench, kind, victim);
      bench.store().strike(moment, step, scenario::strike);

      scenario.run(bench.store().struck());

      scenario.assertTruth();
    }
  }

  @ParameterizedTest(name = "{0}, {1} the record of its process: {2} dies")
  @MethodSource("everyKind")
  void noProcessIsLeftOfAStartThatWasCutOff(Kind kind, Moment moment, Victim victim)
      throws Exception {
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      CrashScenario scenario = new CrashScenario(bench, kind, victim);
      bench.store().strikeAtProcess(moment, scenario::strike);

      scenario.run(bench.store().struck());

      scenario.assertTruth();
    }
  }

  @Test
  void aProcessThatNoFileNamesIsFoundByItsCommandLine() throws Exception {
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      CrashScenario scenario = new CrashScenario(bench, Kind.PULL, Victim.DAEMON);
      AtomicInteger found = new AtomicInteger();
      bench
          .store()
          .strikeAtProcess(
              Moment.BEFORE,
              () -> {
                scenario.strike();
                bench.runDirectories().forEach(OfflineCrashIT::forgetProcess);
                // At the moment in which a process becomes another program it has no command line.
                await().atMost(BlockBench.PATIENCE).until(() -> !bench.storageDaemons().isEmpty());
                found.set(bench.storageDaemons().size());
              });

      scenario.run(bench.store().struck());

      assertThat(found).hasValue(1);
      scenario.assertTruth();
      assertThat(bench.jobList())
          .singleElement()
          .satisfies(
              job -> {
                assertThat(job.getState()).isEqualTo(JobState.JOB_STATE_FAILED);
                assertThat(JobErrors.reason(job))
                    .isEqualTo(ErrorReason.ERROR_REASON_JOB_INTERRUPTED);
              });
    }
  }

  private static void forgetProcess(Path runDirectory) {
    try {
      Files.delete(runDirectory.resolve(QemuProcess.IDENTITY_FILE));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
