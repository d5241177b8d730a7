package dev.drover.benchmarks;

import dev.drover.client.Drover;
import dev.drover.client.DroverException;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.DomainRef;
import dev.drover.v1.GetBackingChainRequest;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Somebody who asks for the chain of one disk all the time and has little patience. */
final class PathKnocker implements AutoCloseable {

  private static final String TITLE = "Calls into a path that does not answer";
  private static final Duration DEADLINE = Duration.ofMillis(400);
  private static final Duration LATE = Duration.ofMillis(200);
  private static final long PERIOD_MILLISECONDS = 500;

  private final Drover client;
  private final GetBackingChainRequest request;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private final List<Double> milliseconds = new ArrayList<>();
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private boolean blocked;
  private int threadsBefore;
  private int threadsMore;

  /** Begins to ask. */
  PathKnocker(DroverSide drover, String domain) {
    this.client = drover.connect(DroverSide.Side.QEMU, DEADLINE);
    this.request =
        GetBackingChainRequest.newBuilder()
            .setDomain(DomainRef.newBuilder().setName(domain))
            .setDisk("vda")
            .build();
    var _ =
        thread.scheduleAtFixedRate(
            this::knock, PERIOD_MILLISECONDS, PERIOD_MILLISECONDS, TimeUnit.MILLISECONDS);
  }

  private void knock() {
    boolean counts = blocked();
    Stopwatch watch = new Stopwatch();
    String outcome;
    try {
      var _ = client.call(BlockServiceGrpc.getGetBackingChainMethod(), request);
      outcome = "answered";
    } catch (DroverException e) {
      outcome = e.code().name();
    }
    note(counts, watch.milliseconds(), outcome);
  }

  private synchronized void note(boolean counts, double took, String outcome) {
    if (counts && blocked) {
      milliseconds.add(took);
      var _ = outcomes.merge(outcome, 1, Integer::sum);
    }
  }

  private synchronized boolean blocked() {
    return blocked;
  }

  /** Says whether the path is blocked: only calls that began and ended meanwhile count. */
  synchronized void blocked(boolean now) {
    int threads = ManagementFactory.getThreadMXBean().getThreadCount();
    if (now) {
      threadsBefore = threads;
    } else if (blocked) {
      threadsMore = Math.max(threadsMore, threads - threadsBefore);
    }
    blocked = now;
  }

  /** In place of the table, why there is none. */
  static Table without(String why) {
    return Table.without(TITLE, why);
  }

  /** What became of the calls (R10). */
  synchronized Table table() {
    if (milliseconds.isEmpty()) {
      return without("not measured: no call ended while the path was blocked");
    }
    Samples samples = new Samples(milliseconds);
    double goal = DEADLINE.plus(LATE).toMillis();
    return new Table(
        TITLE,
        List.of("call", "p50 ms", "most ms", "goal", ""),
        List.of(
            List.of(
                "`GetBackingChain`, deadline %d ms".formatted(DEADLINE.toMillis()),
                Table.number(0, samples.median()),
                Table.number(0, samples.largest()),
                "≤ " + Table.number(0, goal),
                Table.verdict(samples.largest() <= goal))),
        List.of(
            "%d calls: %s. At the end of a round in which the path was blocked the daemon and its clients, one process, had at most %d threads more than before it."
                .formatted(samples.count(), told(), threadsMore)));
  }

  private String told() {
    return String.join(
        ", ",
        outcomes.entrySet().stream()
            .map(outcome -> outcome.getValue() + " " + outcome.getKey())
            .toList());
  }

  @Override
  public void close() {
    thread.shutdown();
    client.close();
  }
}
