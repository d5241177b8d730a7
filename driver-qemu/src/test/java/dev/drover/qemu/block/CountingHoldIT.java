package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.drover.qemu.block.CrashScenario.Kind;
import dev.drover.qemu.block.CrashScenario.Victim;
import dev.drover.qemu.block.StrikingMonitor.Point;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** C7, E16, R2: a real guest does not run while QEMU counts what a mirror has to copy. */
@Tag("qemu")
class CountingHoldIT {

  private static final int SIZE = 8 << 20;
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"ACTIVE_COMMIT, block-commit", "COPY, blockdev-mirror"})
  void guestIsStoppedBeforeTheJobStartsAndGoesOnInIt(Kind kind, String command) throws Exception {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      StrikingMonitor monitor = bench.interpose();
      bench.run();
      monitor.note();

      new CrashScenario(bench, kind, Victim.DAEMON).runInPeace();

      Set<String> told = Set.of("stop", "cont", command);
      assertThat(monitor.seen())
          .filteredOn(point -> point.kind() == StrikingMonitor.Kind.COMMAND)
          .extracting(Point::name)
          .filteredOn(told::contains)
          .startsWith("stop", command, "cont");
      assertThat(bench.runs()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ACTIVE_COMMIT, COMMAND, block-commit",
    "ACTIVE_COMMIT, REPLY, block-commit",
    "COPY, REPLY, stop",
    "COPY, REPLY, blockdev-mirror"
  })
  void guestGoesOnWhereTheDaemonDiesMeanwhile(Kind kind, StrikingMonitor.Kind way, String message)
      throws Exception {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      StrikingMonitor monitor = bench.interpose();
      bench.run();
      monitor.note();
      Point point = new Point(way, message, 1);
      CrashScenario scenario = new CrashScenario(bench, kind, Victim.DAEMON);
      monitor.strike(point, scenario::strike);

      assertThat(scenario.run(monitor.struck())).isEqualTo(point);

      await().atMost(SOON).until(bench::runs);
      scenario.assertTruth();
    }
  }
}
