package dev.drover.benchmarks;

import java.nio.file.Path;
import java.util.function.Consumer;

/** What can be measured, by the names that the command line takes. */
enum Measurement {
  /** Jobs on a running domain. */
  THROUGHPUT("throughput"),
  /** A commit on a domain that is shut off. */
  OFFLINE("offline"),
  /** The end of a two-phase job. */
  PIVOT("pivot"),
  /** What a step on record costs. */
  JOURNAL("journal");

  private final String title;

  /** Does the measuring. */
  interface Runner {
    Table run();
  }

  /**
   * What a measurement works with.
   *
   * @param drover the daemon
   * @param scale how much is measured
   * @param directory a directory of its own
   * @param progress told of every pair
   */
  record Bench(DroverSide drover, Scale scale, Path directory, Consumer<String> progress) {}

  Measurement(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  Table run(Bench bench) {
    Runner runner =
        switch (this) {
          case THROUGHPUT -> new Throughput(bench);
          case OFFLINE -> new OfflineCommit(bench);
          case PIVOT -> new PivotLatency(bench);
          case JOURNAL -> new JournalCost(bench);
        };
    return runner.run();
  }
}
