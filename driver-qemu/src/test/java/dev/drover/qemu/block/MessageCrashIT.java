package dev.drover.qemu.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.qemu.block.CrashIT.Kind;
import dev.drover.qemu.block.CrashIT.Victim;
import dev.drover.qemu.block.StrikingMonitor.Point;
import dev.drover.spi.error.DriverException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R1, R2, R8, D12: as {@link CrashIT}, at each message between driver and QEMU instead of each step
 * of the journal. The messages are those of a run in which nobody dies, taken down at the start; a
 * message that such a run has no more is a message that nobody can die at. What runs always is the
 * death of both at each command that changes something; everything runs where the environment says
 * {@code DROVER_CRASH=all}.
 */
@Tag("qemu")
@Tag("crash")
class MessageCrashIT {

  private static final int SIZE = 8 << 20;

  /**
   * Which messages a job has is the same in every run, but for how often it is looked at and how
   * often QEMU's events tell the same: of questions and events the first one of a name counts.
   */
  private static final Set<String> REPEATED = Set.of("query-", "JOB_STATUS_CHANGE", "BLOCK_JOB_");

  private static final boolean EVERYTHING = "all".equals(System.getenv("DROVER_CRASH"));

  @TempDir Path directory;

  static Stream<Arguments> everyMessageOfEveryKind() throws IOException {
    List<Arguments> all = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (Point point : messages(kind)) {
        for (Victim victim : Victim.values()) {
          if (!EVERYTHING && (victim != Victim.BOTH || !changesSomething(point))) {
            continue;
          }
          all.add(Arguments.of(kind, point, victim));
        }
      }
    }
    return all.stream();
  }

  private static boolean changesSomething(Point point) {
    return point.kind() != StrikingMonitor.Kind.EVENT && !point.name().startsWith("query-");
  }

  private static List<Point> messages(Kind kind) throws IOException {
    Path directory = Files.createTempDirectory("drover-messages-");
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      StrikingMonitor monitor = bench.interpose();
      bench.guestWrites(0xe1, 5);
      monitor.note();
      assertThat(CrashIT.start(bench, kind)).isEmpty();
      bench.jobList().forEach(job -> bench.awaitEnd(job.getId()));
      List<Point> points = new ArrayList<>();
      Set<String> once = new HashSet<>();
      for (Point point : monitor.seen()) {
        boolean repeated = REPEATED.stream().anyMatch(point.name()::startsWith);
        if (!repeated || once.add(point.kind() + point.name())) {
          points.add(point);
        }
      }
      return points;
    } finally {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted((one, two) -> two.compareTo(one)).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @ParameterizedTest(name = "{0}, before {1}: {2} dies")
  @MethodSource("everyMessageOfEveryKind")
  void theJobTellsTheTruthAndNothingIsLost(Kind kind, Point point, Victim victim) throws Exception {
    try (BlockBench bench = new BlockBench(directory, SIZE)) {
      StrikingMonitor monitor = bench.interpose();
      bench.guestWrites(0xe1, 5);
      monitor.note();
      monitor.strike(point, () -> CrashIT.kill(bench, victim));

      Optional<DriverException> refused = CrashIT.start(bench, kind);
      Point met = monitor.struck().get(60, TimeUnit.SECONDS);
      assertThat(met).isEqualTo(point);
      CrashIT.goOn(bench, victim);

      CrashIT.assertOutcome(bench, kind, refused);
    }
  }

  /** The case that libvirt still gets wrong: it asks at the next start and finds no job left. */
  @ParameterizedTest(name = "{0}: killed between job-complete and recording it")
  @EnumSource(
      value = Kind.class,
      names = {"ACTIVE_COMMIT", "COPY"})
  void killedBetweenJobCompleteAndRecordingIt(Kind kind) throws Exception {
    for (Victim victim : List.of(Victim.DAEMON, Victim.BOTH)) {
      Path place = Files.createDirectory(directory.resolve(victim.toString()));
      try (BlockBench bench = new BlockBench(place, SIZE)) {
        StrikingMonitor monitor = bench.interpose();
        bench.guestWrites(0xe1, 5);
        monitor.note();
        Point told = new Point(StrikingMonitor.Kind.REPLY, "job-complete", 1);
        monitor.strike(told, () -> CrashIT.kill(bench, victim));

        Optional<DriverException> refused = CrashIT.start(bench, kind);
        assertThat(monitor.struck().get(60, TimeUnit.SECONDS)).isEqualTo(told);
        CrashIT.goOn(bench, victim);

        CrashIT.assertOutcome(bench, kind, refused);
      }
    }
  }

  @Test
  void everyKindHasMessagesToDieAt() throws IOException {
    for (Kind kind : Kind.values()) {
      assertThat(messages(kind))
          .as(kind.toString())
          .anyMatch(point -> point.kind() == StrikingMonitor.Kind.COMMAND)
          .anyMatch(point -> point.kind() == StrikingMonitor.Kind.REPLY)
          .anyMatch(point -> point.kind() == StrikingMonitor.Kind.EVENT);
    }
  }
}
