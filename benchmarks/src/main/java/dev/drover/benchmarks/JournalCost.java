package dev.drover.benchmarks;

import com.google.protobuf.ByteString;
import dev.drover.client.DomainHandle;
import dev.drover.server.store.SqliteDatabase;
import dev.drover.server.store.SqliteStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * What a step on record costs: one transaction of the daemon's database, beside a durable append to
 * a plain file on the same disk, and the number of steps of each kind of job.
 */
final class JournalCost {

  private static final int RECORD_BYTES = 2048;
  private static final int PAGE_BYTES = 4096;
  private static final long DISK_BYTES = 4L << 20;

  private final Measurement.Bench bench;

  JournalCost(Measurement.Bench bench) {
    this.bench = bench;
  }

  /** Measures. */
  Table run() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("append of 4 KiB and fdatasync, no database", "", appends()));
    rows.add(row("one transaction: a job's record and its journal entry", "1", transactions()));
    DiskImages images = DiskImages.create(bench.directory().resolve("images"), DISK_BYTES);
    for (JobShape shape : JobShape.values()) {
      rows.add(steps(shape, images));
    }
    return new Table(
        "Journal",
        List.of("what", "transactions", "p50 ms", "p99 ms", "all together ms"),
        rows,
        List.of(
            "Every transaction is durable when it returns (SQLite, WAL, synchronous FULL). The"
                + " kinds of job were"
                + " run once each, on a disk of %d MiB; what they show are the transactions of one job."
                    .formatted(DISK_BYTES >> 20)));
  }

  private List<String> steps(JobShape shape, DiskImages images) {
    images.reset();
    DomainHandle domain = bench.drover().define(shape.disk(images));
    try {
      var _ = DroverSide.start(domain);
      var _ = bench.drover().run(shape, domain, images);
      List<Double> steps = bench.drover().meter().milliseconds();
      return row(shape.title(), Integer.toString(steps.size()), steps);
    } finally {
      DroverSide.remove(domain, true);
    }
  }

  private static List<String> row(String what, String count, List<Double> milliseconds) {
    Samples samples = new Samples(milliseconds);
    return List.of(
        what,
        count,
        Table.number(2, samples.percentile(50)),
        Table.number(2, samples.percentile(99)),
        count.isEmpty() || count.equals("1")
            ? ""
            : Table.number(1, milliseconds.stream().mapToDouble(Double::doubleValue).sum()));
  }

  private List<Double> transactions() {
    ByteString record = ByteString.copyFrom(new byte[RECORD_BYTES]);
    List<Double> took = new ArrayList<>();
    try (SqliteDatabase database = SqliteDatabase.open(bench.directory().resolve("journal.db"))) {
      SqliteStore store = new SqliteStore(database, "driver/benchmark");
      for (int round = 0; round < bench.scale().transactions(); round++) {
        Stopwatch watch = new Stopwatch();
        store.transact(
            transaction -> {
              transaction.put("jobs", "job", record);
              transaction.put("journal", "job", record);
            });
        took.add(watch.milliseconds());
      }
    }
    return took;
  }

  private List<Double> appends() {
    List<Double> took = new ArrayList<>();
    Path file = bench.directory().resolve("append");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES);
      for (int round = 0; round < bench.scale().transactions(); round++) {
        Stopwatch watch = new Stopwatch();
        page.clear();
        while (page.hasRemaining()) {
          var _ = channel.write(page);
        }
        channel.force(false);
        took.add(watch.milliseconds());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return took;
  }
}
