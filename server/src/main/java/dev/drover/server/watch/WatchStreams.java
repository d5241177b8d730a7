package dev.drover.server.watch;

import dev.drover.server.config.DaemonConfig.Limits;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.WatchResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Opens watch streams and keeps them going until client or daemon end them. */
public final class WatchStreams {

  /** Enough to keep every processor busy with one event. */
  private static final int SHARES = Runtime.getRuntime().availableProcessors();

  private final Limits limits;
  private final OpenStreams open;
  private final Executor executor;
  private final Timers timers;
  private final InstantSource clock;
  private final AtomicInteger count = new AtomicInteger();
  private final ConcurrentMap<EventHub, Audience> audiences = new ConcurrentHashMap<>();

  /**
   * Makes the opener.
   *
   * @param executor runs what each stream is sent, which never blocks
   */
  public WatchStreams(
      Limits limits, OpenStreams open, Executor executor, Timers timers, InstantSource clock) {
    this.limits = limits;
    this.open = open;
    this.executor = executor;
    this.timers = timers;
    this.clock = clock;
  }

  /** How many streams are open. */
  public int count() {
    return count.get();
  }

  /** Where a stream begins. */
  public sealed interface Start {
    /** With the state. */
    record State() implements Start {}

    /** With a bookmark and the next event. */
    record Live() implements Start {}

    /**
     * With the event after a revision.
     *
     * @param revision the revision received last
     */
    record After(long revision) implements Start {}
  }

  /**
   * Opens a stream.
   *
   * @throws DriverException LIMIT_EXCEEDED where too many are open
   */
  public void open(
      EventHub hub,
      WatchState state,
      WatchFilter filter,
      Start start,
      ServerCallStreamObserver<WatchResponse> client) {
    WatchSource source =
        switch (start) {
          case Start.State _ -> WatchSource.fromState(hub, state, filter, clock);
          case Start.Live _ -> WatchSource.live(hub, state, filter, clock);
          case Start.After(long revision) -> WatchSource.after(hub, state, filter, clock, revision);
        };
    if (count.incrementAndGet() > limits.watchers()) {
      count.decrementAndGet();
      throw DriverException.of(
          ErrorReason.ERROR_REASON_LIMIT_EXCEEDED,
          "there are " + limits.watchers() + " watch streams already; close some",
          "limit",
          "watchers",
          "maximum",
          Integer.toString(limits.watchers()));
    }
    Attachments attachments = new Attachments();
    StreamPump<WatchResponse> pump =
        new StreamPump<>(
            client,
            source,
            executor,
            () -> {
              attachments.close();
              count.decrementAndGet();
            });
    attachments.add(audience(hub).add(pump::signalHere));
    attachments.add(open.add(pump::fail)::close);
    new Heartbeat(source, pump, attachments).schedule();
    pump.signal();
  }

  /** Those who follow a hub; they are told of its events as long as it is there. */
  private Audience audience(EventHub hub) {
    return audiences.computeIfAbsent(
        hub,
        followed -> {
          Audience made = new Audience(executor, SHARES);
          var _ = followed.onPublish(made::wake);
          return made;
        });
  }

  /** Wakes the pump when the stream has been quiet for too long. */
  private final class Heartbeat {

    private final WatchSource source;
    private final StreamPump<WatchResponse> pump;
    private final AtomicReference<Timers.Pending> pending = new AtomicReference<>(() -> {});
    private volatile boolean closed;

    Heartbeat(WatchSource source, StreamPump<WatchResponse> pump, Attachments attachments) {
      this.source = source;
      this.pump = pump;
      attachments.add(
          () -> {
            closed = true;
            pending.get().cancel();
          });
    }

    void schedule() {
      Duration wait = source.untilQuiet();
      pending.set(timers.after(wait.isZero() ? WatchSource.QUIET : wait, this::beat));
    }

    private void beat() {
      if (!closed) {
        if (source.untilQuiet().isZero()) {
          pump.signal();
        }
        schedule();
      }
    }
  }
}
