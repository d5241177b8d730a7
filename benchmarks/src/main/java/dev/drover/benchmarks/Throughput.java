package dev.drover.benchmarks;

import dev.drover.client.DomainHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Jobs that move a whole disk, on a running domain: through Drover, then by hand on a QEMU with the
 * same command line, in turn.
 */
final class Throughput {

  private static final double GOAL = 0.95;

  private final Measurement.Bench bench;
  private boolean cold = true;

  Throughput(Measurement.Bench bench) {
    this.bench = bench;
  }

  /** One job done by both sides; the times are in milliseconds. */
  private record Pair(double drover, double bare, double bareFlushed) {}

  /** Measures. */
  Table run() {
    DiskImages warmUp = bench.warmUpImages();
    for (JobShape shape : JobShape.values()) {
      var _ = pairs(shape, warmUp, bench.scale().warmUpJobs());
    }
    DiskImages images =
        DiskImages.create(bench.directory().resolve("images"), bench.scale().diskBytes());
    List<List<String>> rows = new ArrayList<>();
    for (JobShape shape : JobShape.values()) {
      List<Pair> pairs = pairs(shape, images, bench.scale().rounds());
      rows.add(row(shape.title(), pairs, pairs.stream().map(Pair::bare).toList()));
      if (shape.leavesCacheDirty()) {
        rows.add(
            row(
                shape.title() + ", the script flushes too",
                pairs,
                pairs.stream().map(Pair::bareFlushed).toList()));
      }
    }
    return new Table(
        "Jobs of %d MiB, online".formatted(bench.scale().mebibytes()),
        List.of("job", "Drover MiB/s", "bare QMP MiB/s", "ratio (spread)", "goal", ""),
        rows,
        List.of(
            "Medians of %d pairs, either side first in turn, page cache %s before each job; after %d small jobs of each kind."
                .formatted(
                    bench.scale().rounds(),
                    cold ? "dropped" : "**not** dropped",
                    bench.scale().warmUpJobs())));
  }

  private List<String> row(String title, List<Pair> pairs, List<Double> bare) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < pairs.size(); round++) {
      ratios.add(bare.get(round) / pairs.get(round).drover());
    }
    Samples ratio = new Samples(ratios);
    return List.of(
        title,
        Table.number(0, rate(new Samples(pairs.stream().map(Pair::drover).toList()))),
        Table.number(0, rate(new Samples(bare))),
        Table.ratio(ratio),
        "≥ " + GOAL,
        Table.verdict(ratio.median() >= GOAL));
  }

  private double rate(Samples milliseconds) {
    return bench.scale().mebibytes() * 1000 / milliseconds.median();
  }

  private List<Pair> pairs(JobShape shape, DiskImages images, int rounds) {
    List<Pair> pairs = new ArrayList<>();
    for (int round = 1; round <= rounds; round++) {
      Pair pair = pair(new Sides(shape, images), round % 2 == 1);
      bench
          .progress()
          .accept(
              "%s %d/%d: Drover %.0f ms, bare %.0f ms%s"
                  .formatted(
                      shape.title(),
                      round,
                      rounds,
                      pair.drover(),
                      pair.bare(),
                      shape.leavesCacheDirty()
                          ? ", with a flush %.0f ms".formatted(pair.bareFlushed())
                          : ""));
      pairs.add(pair);
    }
    return pairs;
  }

  /** The disk below remembers what was done before, so that neither side is always the first. */
  private static Pair pair(Sides sides, boolean droverFirst) {
    if (droverFirst) {
      double drover = sides.drover();
      double bare = sides.bare(false);
      return new Pair(drover, bare, sides.flushed(bare));
    }
    double bare = sides.bare(false);
    double flushed = sides.flushed(bare);
    return new Pair(sides.drover(), bare, flushed);
  }

  /** Both sides of one pair. */
  private final class Sides {

    private final JobShape shape;
    private final DiskImages images;
    private final BareLaunch launch;

    Sides(JobShape shape, DiskImages images) {
      this.shape = shape;
      this.images = images;
      images.reset();
      DomainHandle domain = bench.drover().define(shape.disk(images));
      this.launch = BareLaunch.of(DroverSide.start(domain));
      DroverSide.remove(domain, true);
    }

    double drover() {
      images.reset();
      DomainHandle domain = bench.drover().define(shape.disk(images));
      var _ = DroverSide.start(domain);
      try {
        cold &= bench.scale().cold() && PageCache.drop();
        return bench.drover().run(shape, domain, images);
      } finally {
        DroverSide.remove(domain, true);
      }
    }

    double bare(boolean flush) {
      images.reset();
      try (BareSide bare = new BareSide(launch, bareDirectory())) {
        cold &= bench.scale().cold() && PageCache.drop();
        return bare.run(shape, images, flush);
      }
    }

    /** With a flush at the end, where the job alone leaves its result in the page cache. */
    double flushed(double bare) {
      return shape.leavesCacheDirty() ? bare(true) : bare;
    }

    private Path bareDirectory() {
      return bench.directory().resolve("bare");
    }
  }
}
