package dev.drover.qemu.block;

import dev.drover.qemu.block.CrashScenario.Kind;
import dev.drover.qemu.block.CrashScenario.Victim;
import dev.drover.qemu.block.StrikingMonitor.Point;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/**
 * The messages between the driver and whoever runs a job, each of which is a moment to die at. They
 * are those of a run in which nobody dies; a message that such a run has no more is a message that
 * nobody can die at. What runs always is the death of both at each command that changes something,
 * before it is sent and after it was answered; on a further QEMU only after, where it has done its
 * work and nobody knows. Kinds that differ by the call alone send the same, so that one of them is
 * enough. Everything runs where the environment says {@code DROVER_CRASH=all}.
 */
final class CrashMessages {

  /**
   * Which messages a job has is the same in every run, but for how often it is looked at and how
   * often QEMU's events tell the same: of questions and events the first one of a name counts.
   */
  private static final Set<String> REPEATED = Set.of("query-", "JOB_STATUS_CHANGE", "BLOCK_JOB_");

  private static final boolean EVERYTHING = "all".equals(System.getenv("DROVER_CRASH"));

  private static final Set<StrikingMonitor.Kind> KINDS =
      Boolean.getBoolean("drover.crash.replies")
          ? Set.of(StrikingMonitor.Kind.REPLY)
          : Set.of(StrikingMonitor.Kind.COMMAND, StrikingMonitor.Kind.REPLY);

  private final List<Kind> kinds;
  private final Function<Path, CrashBench> open;
  private final Map<Kind, List<Point>> seen = new EnumMap<>(Kind.class);

  /**
   * Makes the messages of the jobs of a bench.
   *
   * @param kinds those that are tried where everything is
   * @param open makes a bench in a directory
   */
  CrashMessages(List<Kind> kinds, Function<Path, CrashBench> open) {
    this.kinds = EVERYTHING ? kinds : Kind.distinct();
    this.open = open;
  }

  /** The kinds whose messages are tried. */
  List<Kind> kinds() {
    return kinds;
  }

  /** Kind, message and victim of each case that is to run. */
  Stream<Arguments> cases() {
    List<Arguments> all = new ArrayList<>();
    for (Kind kind : kinds) {
      for (Point point : of(kind)) {
        for (Victim victim : Victim.values()) {
          if (EVERYTHING || (victim == Victim.BOTH && changesSomething(point))) {
            all.add(Arguments.of(kind, point, victim));
          }
        }
      }
    }
    return all.stream();
  }

  private static boolean changesSomething(Point point) {
    return KINDS.contains(point.kind()) && !point.name().startsWith("query-");
  }

  /** The messages of a job that nobody disturbs. */
  synchronized List<Point> of(Kind kind) {
    return seen.computeIfAbsent(kind, this::listen);
  }

  private List<Point> listen(Kind kind) {
    Path directory = newDirectory();
    try (CrashBench bench = open.apply(directory)) {
      StrikingMonitor monitor = bench.interpose();
      monitor.note();
      new CrashScenario(bench, kind, Victim.BOTH).runInPeace();
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
      remove(directory);
    }
  }

  private static Path newDirectory() {
    try {
      return Files.createTempDirectory("drover-messages-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted((one, two) -> two.compareTo(one)).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
