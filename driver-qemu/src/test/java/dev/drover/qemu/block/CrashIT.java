package dev.drover.qemu.block;

import dev.drover.qemu.block.CrashScenario.Kind;
import dev.drover.qemu.block.CrashScenario.Victim;
import dev.drover.qemu.block.StrikingStore.Moment;
import dev.drover.qemu.journal.JournalStep;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R1, R2, R8: QEMU, the daemon, or both die at each step of each kind of job, right before and
 * right after the step becomes durable. Whatever dies, the job ends with the truth, and the stored
 * definition holds all that the guest wrote and flushed.
 */
@Tag("qemu")
@Tag("crash")
class CrashIT {

  private static final int SIZE = 8 << 20;

  @TempDir Path directory;

  static Stream<Arguments> everyStepOfEveryKind() {
    return CrashScenario.everyStepOfEveryKind(true);
  }

  static Stream<Arguments> everyKind() {
    return CrashScenario.everyKind();
  }

  @ParameterizedTest(name = "{0}, {1} {2}: {3} dies")
  @MethodSource("everyStepOfEveryKind")
  void theJobTellsTheTruthAndNothingIsLost(
      Kind kind, Moment moment, JournalStep step, Victim victim) throws Exception {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      bench.guestWrites(0xe1, 5);
      CrashScenario scenario = new CrashScenario(bench, kind, victim);
      bench
          .store()
          .strike(
              moment,
              step,
              () -> {
                if (step == JournalStep.SETTLED || step == JournalStep.CLEAN) {
                  bench.guestWrites(0xe7, 9);
                }
                scenario.strike();
              });

      scenario.run(bench.store().struck());

      scenario.assertTruth();
    }
  }

  @ParameterizedTest(name = "{0}, {1} its end: {2} dies")
  @MethodSource("everyKind")
  void anEndIsToldOnceAndNothingIsLost(Kind kind, Moment moment, Victim victim) throws Exception {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      bench.guestWrites(0xe1, 5);
      CrashScenario scenario = new CrashScenario(bench, kind, victim);
      bench
          .store()
          .strikeAtEnd(
              moment,
              () -> {
                if (kind != Kind.KEPT_COPY) {
                  // What is kept is the moment of the end; everything else follows the guest.
                  bench.guestWrites(0xe7, 9);
                }
                scenario.strike();
              });

      scenario.run(bench.store().struck());

      scenario.assertTruth();
    }
  }
}
