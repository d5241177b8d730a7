package dev.drover.benchmarks;

import dev.drover.client.DomainHandle;
import dev.drover.client.JobHandle;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.Image;
import dev.drover.v1.JobCompletion;
import dev.drover.v1.SnapshotDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * From READY to the finished pivot of an active commit, as the caller sees it: {@code CompleteJob},
 * synchronous, against the round trips that QMP takes for the same: the fewest with which a pivot
 * happens, and those with which its outcome is known whatever dies in between.
 */
final class PivotLatency {

  private static final double GOAL = 3;

  /** Rounds after which everything that a pivot needs is loaded. */
  private static final int YOUNG = 50;

  private static final long DISK_BYTES = 4L << 20;

  private final Measurement.Bench bench;

  PivotLatency(Measurement.Bench bench) {
    this.bench = bench;
  }

  /** Measures. */
  Table run() {
    DiskImages ours = images("ours");
    DiskImages theirs = images("theirs");
    List<Double> drover = new ArrayList<>();
    List<Double> bare = new ArrayList<>();
    List<Double> careful = new ArrayList<>();
    DomainHandle domain = bench.drover().define(ours.base());
    try {
      BareLaunch launch =
          BareLaunch.of(DroverSide.start(domain)).moved(ours.directory(), theirs.directory());
      try (BareSide script = new BareSide(launch, bench.directory().resolve("bare"))) {
        int rounds = bench.scale().warmUps() + bench.scale().pivots();
        for (int round = 0; round < rounds; round++) {
          drover.add(ours(domain, ours, round));
          bare.add(theirs(script, theirs, round, false));
          careful.add(theirs(script, theirs, round, true));
        }
      }
    } finally {
      DroverSide.remove(domain, true);
    }
    return table(drover, bare, careful);
  }

  private Table table(List<Double> drover, List<Double> bare, List<Double> careful) {
    Scale scale = bench.scale();
    List<Double> warm = warm(drover);
    double steps = new Samples(bench.drover().meter().milliseconds()).median();
    return new Table(
        "From READY to the finished pivot",
        List.of("", "p50 ms", "p99 ms", "goal", ""),
        List.of(
            row("Drover, `CompleteJob`", warm),
            row("bare QMP, fewest commands", warm(bare)),
            verdict(ratio(warm, warm(bare))),
            row("bare QMP, outcome known and nodes closed", warm(careful)),
            verdict(ratio(warm, warm(careful)))),
        List.of(
            "%d rounds of each in turn on a disk of %d MiB after %d that do not count. One transaction of the journal took %s ms (median of the last job)."
                .formatted(
                    scale.pivots(), DISK_BYTES >> 20, scale.warmUps(), Table.number(2, steps)),
            young(drover, bare, careful)));
  }

  private List<Double> warm(List<Double> rounds) {
    return rounds.subList(bench.scale().warmUps(), rounds.size());
  }

  /** What a daemon takes that has begun just now, whose code is not compiled yet. */
  private String young(List<Double> drover, List<Double> bare, List<Double> careful) {
    int from = Math.min(YOUNG, bench.scale().warmUps());
    int to = from + bench.scale().pivots();
    List<Double> ours = drover.subList(from, to);
    return "Rounds %d to %d: Drover %s ms (p50), %s times the fewest commands, %s times those with which the outcome is known."
        .formatted(
            from + 1,
            to,
            percentile(new Samples(ours), 50),
            Table.number(2, ratio(ours, bare.subList(from, to))),
            Table.number(2, ratio(ours, careful.subList(from, to))));
  }

  private static List<String> row(String what, List<Double> took) {
    Samples samples = new Samples(took);
    return List.of(what, percentile(samples, 50), percentile(samples, 99), "", "");
  }

  private static List<String> verdict(double ratio) {
    return List.of(
        "Drover to that, median of pairs",
        Table.number(2, ratio),
        "",
        "< " + Table.number(0, GOAL),
        Table.verdict(ratio < GOAL));
  }

  private static double ratio(List<Double> ours, List<Double> theirs) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < ours.size(); round++) {
      ratios.add(ours.get(round) / theirs.get(round));
    }
    return new Samples(ratios).median();
  }

  private static String percentile(Samples samples, int percent) {
    return Table.number(1, samples.percentile(percent));
  }

  private DiskImages images(String name) {
    return DiskImages.create(bench.directory().resolve(name), DISK_BYTES);
  }

  private double ours(DomainHandle domain, DiskImages images, int round) {
    Path overlay = overlay(images, round);
    var _ =
        domain.snapshot(
            CreateSnapshotRequest.newBuilder()
                .setName("round-" + round)
                .setNoMetadata(true)
                .addDisks(
                    SnapshotDisk.newBuilder()
                        .setTarget("vda")
                        .setOverlay(Image.newBuilder().setPath(overlay.toString()))));
    try (JobHandle job = DroverSide.disk(domain).commit().active().start()) {
      var _ = job.awaitReady(DroverSide.PATIENCE);
      bench.drover().meter().reset();
      Stopwatch watch = new Stopwatch();
      var _ = job.complete(JobCompletion.JOB_COMPLETION_PIVOT);
      return watch.milliseconds();
    } finally {
      delete(overlay);
    }
  }

  private static double theirs(BareSide script, DiskImages images, int round, boolean held) {
    Path overlay = overlay(images, round);
    String node = (held ? "held-" : "round-") + round;
    try {
      script.readyAfterSnapshot(images, overlay, node, held);
      if (held) {
        return script.pivotHeld(node);
      }
      double took = script.pivot();
      script.close(node);
      return took;
    } finally {
      delete(overlay);
    }
  }

  private static Path overlay(DiskImages images, int round) {
    return images.directory().resolve("round-" + round + ".qcow2");
  }

  private static void delete(Path overlay) {
    try {
      Files.deleteIfExists(overlay);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
