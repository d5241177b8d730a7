package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.block.CrashScenario.Kind;
import dev.drover.qemu.block.CrashScenario.Victim;
import dev.drover.qemu.block.StrikingMonitor.Point;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R1, R2, R8, D12: as {@link CrashIT} and {@link OfflineCrashIT}, at each message between driver
 * and QEMU, or driver and storage daemon, instead of each step of the journal.
 */
@Tag("qemu")
@Tag("crash")
class MessageCrashIT {

  private static final int SIZE = 8 << 20;

  private static final CrashMessages RUNNING =
      new CrashMessages(Kind.distinct(), MessageCrashIT::running);

  private static final CrashMessages SHUT_OFF =
      new CrashMessages(List.of(Kind.values()), directory -> new OfflineBench(directory, SIZE));

  @TempDir Path directory;

  private static BlockBench running(Path directory) {
    BlockBench bench = new BlockBench(directory, SIZE);
    bench.guestWrites(0xe1, 5);
    return bench;
  }

  static Stream<Arguments> everyMessageOfEveryKind() {
    return RUNNING.cases();
  }

  static Stream<Arguments> everyMessageOfEveryKindOfAShutOffDomain() {
    return SHUT_OFF.cases();
  }

  @ParameterizedTest(name = "{0}, before {1}: {2} dies")
  @MethodSource("everyMessageOfEveryKind")
  void theJobTellsTheTruthAndNothingIsLost(Kind kind, Point point, Victim victim) throws Exception {
    try (BlockBench bench = running(directory)) {
      assertTruth(bench, kind, point, victim);
    }
  }

  @ParameterizedTest(name = "off: {0}, before {1}: {2} dies")
  @MethodSource("everyMessageOfEveryKindOfAShutOffDomain")
  void theJobOfAShutOffDomainTellsTheTruthAndNothingIsLeft(Kind kind, Point point, Victim victim)
      throws Exception { // C16, C18, C19
    try (OfflineBench bench = new OfflineBench(directory, SIZE)) {
      assertTruth(bench, kind, point, victim);
    }
  }

  /** The case that libvirt still gets wrong: it asks at the next start and finds no job left. */
  @ParameterizedTest(name = "{0}: killed between job-complete and recording it")
  @EnumSource(
      value = Kind.class,
      names = {"ACTIVE_COMMIT", "COPY"})
  void killedBetweenJobCompleteAndRecordingIt(Kind kind) throws Exception {
    Point told = new Point(StrikingMonitor.Kind.REPLY, "job-complete", 1);
    for (Victim victim : List.of(Victim.DAEMON, Victim.BOTH)) {
      try (BlockBench bench = running(directory(victim.toString()))) {
        assertTruth(bench, kind, told, victim);
      }
      try (OfflineBench bench = new OfflineBench(directory(victim + "-off"), SIZE)) {
        assertTruth(bench, kind, told, victim);
      }
    }
  }

  private Path directory(String name) throws IOException {
    return Files.createDirectory(directory.resolve(name));
  }

  private static void assertTruth(CrashBench bench, Kind kind, Point point, Victim victim)
      throws Exception {
    StrikingMonitor monitor = bench.interpose();
    CrashScenario scenario = new CrashScenario(bench, kind, victim);
    monitor.note();
    monitor.strike(point, scenario::strike);

    assertThat(scenario.run(monitor.struck())).isEqualTo(point);

    scenario.assertTruth();
  }

  @Test
  void everyKindHasMessagesToDieAt() {
    for (CrashMessages messages : List.of(RUNNING, SHUT_OFF)) {
      for (Kind kind : messages.kinds()) {
        assertThat(messages.of(kind))
            .as(kind.toString())
            .anyMatch(point -> point.kind() == StrikingMonitor.Kind.COMMAND)
            .anyMatch(point -> point.kind() == StrikingMonitor.Kind.REPLY)
            .anyMatch(point -> point.kind() == StrikingMonitor.Kind.EVENT);
      }
    }
  }
}
