package dev.drover.benchmarks;

import dev.drover.v1.DomainSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What domains that hang cost the others (R4): calls for those that do not hang, in rounds in which
 * none hangs and in which three hang, in turn; and what becomes of those three.
 */
final class Isolation implements Measurement.Runner {

  private static final double GOAL = 1.2;
  private static final long DISK_BYTES = 4L << 20;
  private static final String STOPPED = "stopped";
  private static final String SILENT = "silent";
  private static final String BLOCKED = "blocked";
  private static final List<String> VICTIMS = List.of(STOPPED, SILENT, BLOCKED);

  private final Measurement.Bench bench;
  private final Scale.Crowd scale;
  private final CallTimes calm = new CallTimes();
  private final CallTimes disturbed = new CallTimes();
  private Optional<String> unblocked = Optional.empty();

  Isolation(Measurement.Bench bench) {
    this.bench = bench;
    this.scale = bench.scale().crowd();
  }

  @Override
  public List<Table> run() {
    List<Hang> hangs = new ArrayList<>();
    try (Crowd qemu = new Crowd(bench, DroverSide.Side.QEMU);
        Crowd test = new Crowd(bench, DroverSide.Side.TEST);
        Undoing _ = () -> close(hangs)) {
      Path image = blockedImage(hangs);
      bench.progress().accept("isolation: starting the domains");
      test.start(domains(scale.testDomains()).map(Crowd::spec).toList());
      qemu.start(
          Stream.concat(
                  VICTIMS.stream()
                      .map(name -> Crowd.spec(name, name.equals(BLOCKED) ? image : image(name))),
                  domains(scale.qemuDomains() - VICTIMS.size())
                      .map(name -> Crowd.spec(name, image(name))))
              .toList());
      hangs.addFirst(
          new SilentMonitor(SILENT, qemu.process(SILENT), bench.directory().resolve("pipe")));
      hangs.addFirst(new StoppedProcess(STOPPED, qemu.process(STOPPED)));
      return measured(qemu, test, hangs);
    }
  }

  /** Closes without a checked exception. */
  private interface Undoing extends AutoCloseable {
    @Override
    void close();
  }

  /** Closes each, whatever becomes of another; what was measured is not lost for that. */
  private void close(List<Hang> hangs) {
    for (Hang hang : hangs) {
      try {
        hang.close();
      } catch (RuntimeException e) {
        bench.progress().accept("isolation: left behind, %s: %s".formatted(hang.title(), e));
      }
    }
  }

  private static Stream<String> domains(int count) {
    return IntStream.range(0, count).mapToObj(nth -> "well-" + nth);
  }

  private Path image(String name) {
    Path directory = bench.directory().resolve("images");
    Path image = directory.resolve(name + ".qcow2");
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    new DiskImages(directory, DISK_BYTES).create(image);
    return image;
  }

  /** On a path that can be blocked; where this host has no FUSE, a plain one. */
  private Path blockedImage(List<Hang> hangs) {
    try {
      BlockedPath path = BlockedPath.mount(BLOCKED, bench.directory().resolve("mount"), DISK_BYTES);
      hangs.add(path);
      return path.image();
    } catch (IllegalStateException | UncheckedIOException e) {
      unblocked = Optional.of("not measured: " + e.getMessage());
      return image(BLOCKED);
    }
  }

  private List<Table> measured(Crowd qemu, Crowd test, List<Hang> hangs) {
    List<DomainSpec> well = qemu.specs().subList(VICTIMS.size(), qemu.specs().size());
    try (ExecutorService threads = Executors.newCachedThreadPool();
        CrowdCalls onTest = new CrowdCalls(bench.drover(), DroverSide.Side.TEST, test.specs());
        CrowdCalls onQemu = new CrowdCalls(bench.drover(), DroverSide.Side.QEMU, well);
        PathKnocker knocker = new PathKnocker(bench.drover(), BLOCKED)) {
      List<CrowdCalls> calls = List.of(onTest, onQemu);
      List<StuckDomain> stuck =
          hangs.stream()
              .map(hang -> new StuckDomain(hang, onQemu.events(), scale.patience(), threads))
              .toList();
      call(calls, new CallTimes(), scale.round());
      for (int round = 1; round <= scale.rounds(); round++) {
        bench.progress().accept("isolation: round %d/%d".formatted(round, scale.rounds()));
        call(calls, calm, scale.round());
        whileStuck(
            stuck,
            knocker,
            () -> {
              call(calls, disturbed, scale.round());
              stuck.forEach(StuckDomain::awaitShown);
            });
      }
      bench.progress().accept("isolation: force stop");
      // What the last round left behind must not be taken for a find of this one.
      call(calls, new CallTimes(), scale.round());
      whileStuck(
          stuck,
          knocker,
          () -> {
            stuck.forEach(StuckDomain::awaitShown);
            stuck.forEach(one -> one.forceStop(qemu, scale.force()));
          });
      return List.of(
          callTable(stuck.size()),
          stuckTable(stuck),
          unblocked.map(PathKnocker::without).orElseGet(knocker::table));
    }
  }

  private static void whileStuck(List<StuckDomain> stuck, PathKnocker knocker, Runnable work) {
    try {
      stuck.forEach(StuckDomain::begin);
      knocker.blocked(true);
      work.run();
    } finally {
      knocker.blocked(false);
      stuck.forEach(StuckDomain::end);
    }
  }

  private static void call(List<CrowdCalls> calls, CallTimes times, Duration length) {
    long end = System.nanoTime() + length.toNanos();
    do {
      calls.forEach(one -> one.take(times));
    } while (System.nanoTime() < end);
  }

  private Table callTable(int stuck) {
    List<List<String>> rows = new ArrayList<>();
    List<String> unanswered = new ArrayList<>();
    for (CallTimes.Kind kind : calm.kinds()) {
      Samples before = calm.of(kind);
      Samples during = disturbed.of(kind);
      double ratio = during.percentile(99) / before.percentile(99);
      rows.add(
          List.of(
              kind.title(),
              Table.number(2, before.percentile(50)),
              Table.number(2, before.percentile(99)),
              Table.number(2, during.percentile(50)),
              Table.number(2, during.percentile(99)),
              Table.number(2, ratio),
              "≤ " + Table.number(1, GOAL),
              Table.verdict(ratio <= GOAL)));
      int lost = calm.unanswered(kind) + disturbed.unanswered(kind);
      if (lost > 0) {
        unanswered.add(
            "%s, %d, %d of them while others hang"
                .formatted(kind.title(), lost, disturbed.unanswered(kind)));
      }
    }
    int fewest =
        disturbed.kinds().stream().mapToInt(kind -> disturbed.of(kind).count()).min().orElse(0);
    return new Table(
        "Calls for domains that do not hang, while others hang",
        List.of(
            "call",
            "p50 ms",
            "p99 ms",
            "p50 ms, others hang",
            "p99 ms, others hang",
            "p99 ratio",
            "goal",
            ""),
        rows,
        List.of(
            "%d domains of the test driver and %d on QEMU, %d of which hang; %d rounds of %d s without and with that, in turn; at least %d calls of each kind while others hang."
                .formatted(
                    scale.testDomains(),
                    scale.qemuDomains(),
                    stuck,
                    scale.rounds(),
                    scale.round().toSeconds(),
                    fewest),
            unanswered.isEmpty()
                ? "Every call was answered."
                : "Without an answer in 5 s: %s.".formatted(String.join("; ", unanswered))));
  }

  private Table stuckTable(List<StuckDomain> stuck) {
    List<List<String>> rows = new ArrayList<>(stuck.stream().map(StuckDomain::row).toList());
    unblocked.ifPresent(why -> rows.add(List.of(BlockedPath.TITLE, why, "", "", "", "")));
    return new Table(
        "Domains that hang",
        StuckDomain.header(),
        rows,
        stuck.stream().flatMap(one -> one.troubles().stream()).toList());
  }
}
