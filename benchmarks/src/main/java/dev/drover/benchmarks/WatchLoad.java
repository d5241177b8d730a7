package dev.drover.benchmarks;

import dev.drover.client.Drover;
import dev.drover.client.EventWatch;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ResyncReason;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import dev.drover.v1.WatchType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Many watchers on one daemon, in a process of its own: how soon each is told of a change, what the
 * daemon's memory is for, and what becomes of one that does not read (R6).
 */
final class WatchLoad implements Measurement.Runner {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int CONNECTIONS = 10;
  private static final int DOMAINS = 10;
  private static final int ACTORS = 4;
  private static final int FILLER = 4000;

  /** More changes than can be on their way to who does not read. */
  private static final int SPARE = 500;

  /** Of what the heap holds: what is not growth. */
  private static final double NOISE = 1.1;

  private static final WatchRequest DOMAINS_ONLY =
      WatchRequest.newBuilder().addTypes(WatchType.WATCH_TYPE_DOMAIN).build();

  private final Measurement.Bench bench;
  private final Scale.Audience scale;
  private final List<Table> tables = new ArrayList<>();

  WatchLoad(Measurement.Bench bench) {
    this.bench = bench;
    this.scale = bench.scale().audience();
  }

  /**
   * Time that processors have spent.
   *
   * @param daemon on the daemon
   * @param clients on this process
   */
  private record ProcessorTime(Duration daemon, Duration clients) {

    static ProcessorTime until(DaemonProcess daemon) {
      return new ProcessorTime(
          daemon.processorTime(),
          ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO));
    }

    ProcessorTime since(ProcessorTime begun) {
      return new ProcessorTime(daemon.minus(begun.daemon), clients.minus(begun.clients));
    }
  }

  @Override
  public List<Table> run() {
    String config =
        """
        [limits]
        watchers = %d
        event_history = %d
        """
            .formatted(scale.watchers() + CONNECTIONS, scale.history());
    try (DaemonProcess daemon = new DaemonProcess(bench.directory().resolve("daemon"), config);
        Drover actor = daemon.connect()) {
      List<DomainSpec> domains =
          IntStream.range(0, DOMAINS)
              .mapToObj(nth -> actor.domains().define(Crowd.spec("watched-" + nth)).getSpec())
              .toList();
      many(daemon, actor, domains);
      slow(daemon, actor, domains);
      return List.copyOf(tables);
    }
  }

  private void many(DaemonProcess daemon, Drover actor, List<DomainSpec> domains) {
    List<Drover> connections = new ArrayList<>();
    List<ChangeWatcher> watchers = new ArrayList<>();
    int unmeasured = scale.perSecond() * scale.warmUpSeconds();
    long[] sent = new long[unmeasured + scale.perSecond() * scale.seconds()];
    try {
      for (int nth = 0; nth < CONNECTIONS; nth++) {
        Drover connection = daemon.connect();
        connections.add(connection);
        // What a connection costs is not the watchers'.
        try (ChangeWatcher first = new ChangeWatcher(connection, DOMAINS_ONLY, sent.length)) {
          first.awaitState(PATIENCE);
        }
      }
      DaemonProcess.Memory before = daemon.memory();
      bench.progress().accept("watch: opening %d watchers".formatted(scale.watchers()));
      for (int nth = 0; nth < scale.watchers(); nth++) {
        watchers.add(
            new ChangeWatcher(connections.get(nth % CONNECTIONS), DOMAINS_ONLY, sent.length));
      }
      watchers.forEach(watcher -> watcher.awaitState(PATIENCE));
      DaemonProcess.Memory idle = daemon.memory();
      bench.progress().accept("watch: %d changes".formatted(sent.length));
      change(actor, domains, sent, 0, unmeasured);
      ProcessorTime begun = ProcessorTime.until(daemon);
      double seconds = change(actor, domains, sent, unmeasured, sent.length);
      long late = late(watchers);
      ProcessorTime spent = ProcessorTime.until(daemon).since(begun);
      DaemonProcess.Memory after = daemon.memory();
      double perSecond = (sent.length - unmeasured) / seconds;
      tables.add(delivery(watchers, sent, unmeasured, perSecond, late, spent));
      tables.add(memory(before, idle, after));
    } finally {
      watchers.forEach(ChangeWatcher::close);
      connections.forEach(Drover::close);
    }
  }

  /** Waits for every watcher, and says how many are not told the last change in time. */
  private static long late(List<ChangeWatcher> watchers) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    return watchers.stream()
        .filter(
            watcher -> !watcher.awaitLast(Duration.ofNanos(Math.max(0, end - System.nanoTime()))))
        .count();
  }

  /**
   * Makes some changes, at the wanted rate where the daemon keeps up, and says how long it took.
   */
  private double change(Drover actor, List<DomainSpec> domains, long[] sent, int from, int to) {
    AtomicInteger next = new AtomicInteger(from);
    CompletableFuture<Void> done = new CompletableFuture<>();
    Runnable one =
        () -> {
          int change = next.getAndIncrement();
          if (change >= to) {
            done.complete(null);
            return;
          }
          sent[change] = System.nanoTime();
          try {
            redefine(actor, domains, change, ChangeWatcher.description(change));
          } catch (RuntimeException e) {
            done.completeExceptionally(e);
          }
        };
    Stopwatch watch = new Stopwatch();
    try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
      var _ =
          clock.scheduleAtFixedRate(
              one, 0, TimeUnit.SECONDS.toNanos(1) / scale.perSecond(), TimeUnit.NANOSECONDS);
      done.orTimeout(DroverSide.PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }
    return watch.milliseconds() / 1000;
  }

  private static void redefine(
      Drover actor, List<DomainSpec> domains, int change, String description) {
    DomainSpec spec = domains.get(change % domains.size());
    var _ = actor.domains().define(spec.toBuilder().setDescription(description).build());
  }

  private Table delivery(
      List<ChangeWatcher> watchers,
      long[] sent,
      int unmeasured,
      double perSecond,
      long late,
      ProcessorTime spent) {
    Samples all =
        new Samples(
            watchers.stream()
                .flatMapToDouble(watcher -> DoubleStream.of(watcher.milliseconds(sent, unmeasured)))
                .boxed()
                .toList());
    long expected = (long) watchers.size() * (sent.length - unmeasured);
    return new Table(
        "A change until each of %d watchers has it".formatted(watchers.size()),
        List.of("", "p50 ms", "p99 ms", "most ms"),
        List.of(
            List.of(
                "from before `DefineDomain` until a watcher has the event",
                Table.number(1, all.percentile(50)),
                Table.number(1, all.percentile(99)),
                Table.number(1, all.largest()))),
        List.of(
            "%d changes after %d that do not count, %s in a second (%d wanted); the watchers are on %d connections, in one other process that also makes the changes. %d of %d events were told one by one; state was told anew %d times. %d watchers had not come to the last change a minute after it."
                .formatted(
                    sent.length - unmeasured,
                    unmeasured,
                    Table.number(1, perSecond),
                    scale.perSecond(),
                    CONNECTIONS,
                    all.count(),
                    expected,
                    watchers.stream().mapToInt(ChangeWatcher::resyncs).sum(),
                    late),
            "Processor time for each event and watcher: %s µs of the daemon, %s µs of the other process."
                .formatted(
                    Table.number(1, microseconds(spent.daemon(), expected)),
                    Table.number(1, microseconds(spent.clients(), expected)))));
  }

  private static double microseconds(Duration all, long messages) {
    return all.toNanos() / 1e3 / messages;
  }

  private Table memory(
      DaemonProcess.Memory before, DaemonProcess.Memory idle, DaemonProcess.Memory after) {
    return new Table(
        "Memory of a daemon with %d watchers".formatted(scale.watchers()),
        List.of("", "heap KiB", "resident KiB"),
        List.of(
            row("%d connections, no watcher".formatted(CONNECTIONS), before),
            row("with watchers, nothing happens", idle),
            row("after the changes", after),
            List.of(
                "for each watcher, nothing happens",
                perWatcher(idle.heap() - before.heap()),
                perWatcher(idle.resident() - before.resident())),
            List.of(
                "for each watcher, after the changes",
                perWatcher(after.heap() - before.heap()),
                perWatcher(after.resident() - before.resident()))),
        List.of("Each after a full collection of garbage, a process of its own for the daemon."));
  }

  private String perWatcher(long kibibytes) {
    return Table.number(1, (double) kibibytes / scale.watchers());
  }

  private static List<String> row(String title, DaemonProcess.Memory memory) {
    return List.of(title, Long.toString(memory.heap()), Long.toString(memory.resident()));
  }

  private void slow(DaemonProcess daemon, Drover actor, List<DomainSpec> domains) {
    int full = scale.history() + SPARE;
    int all = full + scale.history() / 2 + SPARE;
    try (Drover lazy = daemon.connect();
        EventWatch unread = lazy.watch(DOMAINS_ONLY)) {
      var _ = state(unread);
      DaemonProcess.Memory before = daemon.memory();
      bench.progress().accept("watch: %d changes that one does not read".formatted(all));
      flood(actor, domains, 0, full);
      DaemonProcess.Memory held = daemon.memory();
      flood(actor, domains, full, all);
      DaemonProcess.Memory more = daemon.memory();
      tables.add(
          new Table(
              "A watcher that does not read",
              List.of("changes of %d bytes".formatted(FILLER), "heap KiB", "resident KiB"),
              List.of(
                  row("0", before),
                  row(Integer.toString(full), held),
                  row(Integer.toString(all), more),
                  List.of(
                      "heap grows no more: ≤ %s".formatted(Table.number(1, NOISE)),
                      Table.number(2, (double) more.heap() / held.heap()),
                      Table.verdict(more.heap() <= NOISE * held.heap()))),
              List.of(read(unread, all, scale.history()))));
    }
  }

  private static void flood(Drover actor, List<DomainSpec> domains, int from, int to) {
    String filler = "x".repeat(FILLER);
    AtomicInteger next = new AtomicInteger(from);
    Runnable some =
        () -> {
          for (int change = next.getAndIncrement(); change < to; change = next.getAndIncrement()) {
            redefine(actor, domains, change, change + filler);
          }
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(ACTORS)) {
      CompletableFuture.allOf(
              IntStream.range(0, ACTORS)
                  .mapToObj(_ -> CompletableFuture.runAsync(some, threads))
                  .toArray(CompletableFuture[]::new))
          .join();
    }
  }

  /** Reads until the state is complete, and says how many objects it has. */
  private static int state(EventWatch watch) {
    int objects = 0;
    WatchResponse message = next(watch);
    while (!message.getBookmark().getStateComplete()) {
      objects += message.hasExisting() ? 1 : 0;
      message = next(watch);
    }
    return objects;
  }

  /**
   * Reads on, after it was not read while everything changed.
   *
   * @param history events that the daemon holds; who is further behind is told the state
   */
  private static String read(EventWatch unread, int changes, int history) {
    int events = 0;
    while (events < changes) {
      WatchResponse message = next(unread);
      if (message.hasEvent()) {
        events++;
      } else if (message.hasResync()) {
        ResyncReason reason = message.getResync().getReason();
        return "When it reads on it is told %d events that were on their way, then `%s` and %d objects in place of the others: %s. So it is told the state anew once it is %d changes behind, those and %d that are held."
            .formatted(
                events,
                reason,
                state(unread),
                Table.verdict(reason == ResyncReason.RESYNC_REASON_SLOW_CONSUMER),
                events + history,
                history);
      }
    }
    return "When it reads on it is told all %d events: **missed**.".formatted(events);
  }

  private static WatchResponse next(EventWatch watch) {
    try {
      return watch
          .next(PATIENCE)
          .orElseThrow(() -> new IllegalStateException("the watch was closed"));
    } catch (TimeoutException e) {
      throw new IllegalStateException("a watch is silent", e);
    }
  }
}
