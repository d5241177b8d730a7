package dev.drover.benchmarks;

import java.nio.file.Path;
import java.util.List;
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
  JOURNAL("journal"),
  /**
   * What hung domains cost the others. Late, since it leaves a daemon that has been through much.
   */
  ISOLATION("isolation"),
  /** Many watchers, and one that does not read. */
  WATCH("watch");

  private final String title;

  /** Does the measuring. */
  interface Runner {
    List<Table> run();
  }

  /**
   * What a measurement works with.
   *
   * @param drover the daemon
   * @param scale how much is measured
   * @param directory a directory of its own
   * @param progress told of every pair
   */
  record Bench(DroverSide drover, Scale scale, Path directory, Consumer<String> progress) {

    /** A small disk, for jobs that do not count. */
    DiskImages warmUpImages() {
      return DiskImages.create(directory.resolve("warm-up"), Scale.SMOKE.diskBytes());
    }
  }

  Measurement(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  List<Table> run(Bench bench) {
    Runner runner =
        switch (this) {
          case THROUGHPUT -> () -> List.of(new Throughput(bench).run());
          case OFFLINE -> () -> List.of(new OfflineCommit(bench).run());
          case PIVOT -> () -> List.of(new PivotLatency(bench).run());
          case JOURNAL -> () -> List.of(new JournalCost(bench).run());
          case ISOLATION -> new Isolation(bench);
          case WATCH -> new WatchLoad(bench);
        };
    return runner.run();
  }
}
