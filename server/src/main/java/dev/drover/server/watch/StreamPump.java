package dev.drover.server.watch;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Feeds one response stream: asks a source for the next message whenever the client can take one
 * and there may be one, on one thread at a time and never on the thread that reports news. Nothing
 * is buffered here.
 *
 * @param <R> type of the messages
 */
final class StreamPump<R> {

  /**
   * Where the messages come from; asked by one thread at a time.
   *
   * @param <R> type of the messages
   */
  interface Source<R> {

    /** The next message; empty: none for now. */
    Optional<R> next();

    /** Whether the stream has ended after the message given last. */
    boolean complete();
  }

  private final ServerCallStreamObserver<R> client;
  private final Source<R> source;
  private final Executor executor;
  private final Runnable onEnd;
  private final AtomicInteger signals = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean cancelled;
  private boolean ended;

  /**
   * Makes a pump, which begins at the first signal.
   *
   * @param executor runs the pump
   * @param onEnd called once when the stream has ended, however
   */
  StreamPump(
      ServerCallStreamObserver<R> client, Source<R> source, Executor executor, Runnable onEnd) {
    this.client = client;
    this.source = source;
    this.executor = executor;
    this.onEnd = onEnd;
    client.setOnReadyHandler(this::signal);
    client.setOnCancelHandler(
        () -> {
          cancelled = true;
          signal();
        });
  }

  /** Says that there may be something to send. Returns at once. */
  void signal() {
    if (signals.getAndIncrement() == 0) {
      executor.execute(this::run);
    }
  }

  /** Says the same, and sends it on this thread where no other does. */
  void signalHere() {
    if (signals.getAndIncrement() == 0) {
      run();
    }
  }

  /** Ends the stream with a failure as soon as the message under way is sent. */
  void fail(Throwable thrown) {
    failure.compareAndSet(null, thrown);
    signal();
  }

  private void run() {
    int seen = signals.get();
    do {
      if (!ended) {
        step();
      }
      seen = signals.addAndGet(-seen);
    } while (seen != 0);
  }

  private void step() {
    try {
      Throwable thrown = failure.get();
      if (cancelled) {
        end(() -> {});
      } else if (thrown != null) {
        end(() -> client.onError(thrown));
      } else {
        pump();
      }
    } catch (RuntimeException e) {
      end(() -> client.onError(e));
    }
  }

  private void pump() {
    // A failure or the client's going raises a signal of its own, which ends the stream.
    while (client.isReady() && failure.get() == null && !cancelled) {
      Optional<R> next = source.next();
      if (next.isPresent()) {
        client.onNext(next.get());
      }
      if (source.complete()) {
        end(client::onCompleted);
        return;
      }
      if (next.isEmpty()) {
        return;
      }
    }
  }

  private void end(Runnable last) {
    ended = true;
    try {
      last.run();
    } finally {
      onEnd.run();
    }
  }
}
