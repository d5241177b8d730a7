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
          double one = ours(domain, ours, round);
          double other = theirs(script, theirs, round, false);
          double held = theirs(script, theirs, round, true);
          if (round >= bench.scale().warmUps()) {
            drover.add(one);
            bare.add(other);
            careful.add(held);
          }
        }
      }
    } finally {
      DroverSide.remove(domain, true);
    }
    return table(drover, bare, careful);
  }

  private Table table(List<Double> drover, List<Double> bare, List<Double> careful) {
    Samples ours = new Samples(drover);
    double least = ratio(drover, bare);
    double same = ratio(drover, careful);
    double steps = new Samples(bench.drover().meter().milliseconds()).median();
    return new Table(
        "From READY to the finished pivot",
        List.of("", "p50 ms", "p99 ms", "goal", ""),
        List.of(
            row("Drover, `CompleteJob`", drover),
            row("bare QMP, fewest commands", bare),
            verdict(least),
            row("bare QMP, outcome known and nodes closed", careful),
            verdict(same)),
        List.of(
            "%d rounds of each in turn on a disk of %d MiB after %d that do not count. One transaction of the journal took %s ms (median of the last job)."
                .formatted(
                    ours.count(),
                    DISK_BYTES >> 20,
                    bench.scale().warmUps(),
                    Table.number(2, steps))));
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
