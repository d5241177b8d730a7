package dev.drover.benchmarks;

import dev.drover.client.Drover;
import dev.drover.v1.Domain;
import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/**
 * One of many watchers: when it was told of each change. It reads on the thread of its connection,
 * so that what is measured is the daemon and not a thread for each watcher beside it.
 */
final class ChangeWatcher
    implements AutoCloseable, ClientResponseObserver<WatchRequest, WatchResponse> {

  private static final String PREFIX = "change ";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final CompletableFuture<ClientCallStreamObserver<WatchRequest>> call =
      new CompletableFuture<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile String end = "it goes on";
  private final AtomicLongArray seen;
  private final CountDownLatch state = new CountDownLatch(1);
  private final CountDownLatch last = new CountDownLatch(1);
  private final AtomicInteger resyncs = new AtomicInteger();

  /**
   * Begins to watch.
   *
   * @param changes how many there are going to be
   */
  ChangeWatcher(Drover client, WatchRequest request, int changes) {
    this.seen = new AtomicLongArray(changes);
    EventServiceGrpc.newStub(client.channel()).withExecutor(Runnable::run).watch(request, this);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchRequest> started) {
    call.complete(started);
  }

  @Override
  public void onError(Throwable thrown) {
    end = thrown.toString();
    ended.countDown();
  }

  @Override
  public void onCompleted() {
    end = "the daemon has ended it";
    ended.countDown();
  }

  /** What a domain is described by after this change. */
  static String description(int change) {
    return PREFIX + change;
  }

  @Override
  public void onNext(WatchResponse message) {
    long now = System.nanoTime();
    switch (message.getMessageCase()) {
      case EVENT -> {
        int change = change(message.getEvent().getObject().getDomain());
        if (change >= 0) {
          seen.set(change, now);
        }
        noteLast(change);
      }
      // Of what was skipped, the last change is part of the state.
      case EXISTING -> noteLast(change(message.getExisting().getDomain()));
      case BOOKMARK -> {
        if (message.getBookmark().getStateComplete()) {
          state.countDown();
        }
      }
      case RESYNC -> resyncs.incrementAndGet();
      case MESSAGE_NOT_SET -> throw new IllegalStateException("an empty message");
    }
  }

  private void noteLast(int change) {
    if (change == seen.length() - 1) {
      last.countDown();
    }
  }

  private static int change(Domain domain) {
    String description = domain.getSpec().getDescription();
    return description.startsWith(PREFIX)
        ? Integer.parseInt(description.substring(PREFIX.length()))
        : -1;
  }

  /** Waits until the state was told. */
  void awaitState(Duration atMost) {
    if (!await(state, atMost)) {
      throw new IllegalStateException(
          "a watcher was not told the state within %s: %s".formatted(atMost, end));
    }
  }

  /** Waits until the last change was told, and says whether it was in time. */
  boolean awaitLast(Duration atMost) {
    return await(last, atMost);
  }

  private static boolean await(CountDownLatch latch, Duration atMost) {
    try {
      return latch.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a watcher was awaited", e);
    }
  }

  /** From each change until it was told, in milliseconds; without those that were skipped. */
  double[] milliseconds(long[] sent, int from) {
    return IntStream.range(from, seen.length())
        .filter(change -> seen.get(change) != 0)
        .mapToDouble(change -> (seen.get(change) - sent[change]) / 1e6)
        .toArray();
  }

  /** How often it was told the state anew, after the first time. */
  int resyncs() {
    return resyncs.get() - 1;
  }

  @Override
  public void close() {
    call.join().cancel("closed", null);
    if (!await(ended, PATIENCE)) {
      throw new IllegalStateException("a watch that was closed goes on");
    }
  }
}
