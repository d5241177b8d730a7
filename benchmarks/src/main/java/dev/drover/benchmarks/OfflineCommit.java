package dev.drover.benchmarks;

import dev.drover.client.DomainHandle;
import dev.drover.client.JobHandle;
import dev.drover.v1.Capability;
import java.util.ArrayList;
import java.util.List;

/** A commit of the active image of a domain that is shut off, against {@code qemu-img commit}. */
final class OfflineCommit {

  private static final double GOAL = 0.9;

  private final Measurement.Bench bench;
  private boolean cold = true;

  /** One commit done by both sides; the times are in milliseconds. */
  private record Pair(double drover, double tool) {}

  OfflineCommit(Measurement.Bench bench) {
    this.bench = bench;
  }

  /** Measures. */
  Table run() {
    String title = "Commit of %d MiB, offline".formatted(bench.scale().mebibytes());
    if (!bench.drover().has(Capability.CAPABILITY_BLOCK_JOBS_OFFLINE)) {
      return Table.without(
          title, "Not measured: the driver does not declare `CAPABILITY_BLOCK_JOBS_OFFLINE`.");
    }
    DiskImages warmUp = bench.warmUpImages();
    for (int round = 0; round < bench.scale().warmUpJobs(); round++) {
      var _ = pair(warmUp, true);
    }
    DiskImages images =
        DiskImages.create(bench.directory().resolve("images"), bench.scale().diskBytes());
    List<Double> drover = new ArrayList<>();
    List<Double> tool = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int round = 1; round <= bench.scale().rounds(); round++) {
      Pair pair = pair(images, round % 2 == 1);
      double ours = pair.drover();
      double theirs = pair.tool();
      bench
          .progress()
          .accept(
              "offline commit %d/%d: Drover %.0f ms, qemu-img %.0f ms"
                  .formatted(round, bench.scale().rounds(), ours, theirs));
      drover.add(ours);
      tool.add(theirs);
      ratios.add(theirs / ours);
    }
    Samples ratio = new Samples(ratios);
    return new Table(
        title,
        List.of("", "Drover MiB/s", "`qemu-img commit` MiB/s", "ratio (spread)", "goal", ""),
        List.of(
            List.of(
                "commit of the active image",
                rate(drover),
                rate(tool),
                Table.ratio(ratio),
                "≥ " + GOAL,
                Table.verdict(ratio.median() >= GOAL))),
        List.of(
            "Medians of %d pairs, either side first in turn, page cache %s before each job; after %d small ones."
                .formatted(
                    bench.scale().rounds(),
                    cold ? "dropped" : "**not** dropped",
                    bench.scale().warmUpJobs()),
            "`qemu-img` runs with `-d`, so that neither side empties the committed image."));
  }

  private Pair pair(DiskImages images, boolean droverFirst) {
    if (droverFirst) {
      double drover = ours(images);
      return new Pair(drover, theirs(images));
    }
    double tool = theirs(images);
    return new Pair(ours(images), tool);
  }

  private String rate(List<Double> milliseconds) {
    return Table.number(0, bench.scale().mebibytes() * 1000 / new Samples(milliseconds).median());
  }

  private double ours(DiskImages images) {
    images.reset();
    DomainHandle domain = bench.drover().define(images.data());
    try {
      cold &= bench.scale().cold() && PageCache.drop();
      Stopwatch watch = new Stopwatch();
      try (JobHandle job = DroverSide.disk(domain).commit().start()) {
        var _ = job.await(DroverSide.PATIENCE);
        return watch.milliseconds();
      }
    } finally {
      DroverSide.remove(domain, false);
    }
  }

  private double theirs(DiskImages images) {
    images.reset();
    cold &= bench.scale().cold() && PageCache.drop();
    Stopwatch watch = new Stopwatch();
    var _ =
        Programs.run(
            List.of("qemu-img", "commit", "-q", "-d", "-f", "qcow2", images.data().toString()));
    return watch.milliseconds();
  }
}
