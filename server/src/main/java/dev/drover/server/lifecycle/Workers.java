package dev.drover.server.lifecycle;

import dev.drover.server.watch.Timers;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of the daemon: virtual ones for whatever may block, two for timers, and one for each
 * processor for what streams are sent.
 */
final class Workers implements AutoCloseable, Timers {

  private static final Duration GRACE = Duration.ofSeconds(2);

  private final ExecutorService blocking =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("drover-call-", 0).factory());
  private final ExecutorService streams =
      Executors.newFixedThreadPool(
          Runtime.getRuntime().availableProcessors(),
          Thread.ofPlatform().daemon().name("drover-stream-", 0).factory());
  private final ScheduledThreadPoolExecutor timers =
      new ScheduledThreadPoolExecutor(
          2, Thread.ofPlatform().daemon().name("drover-timer-", 0).factory());

  Workers() {
    timers.setRemoveOnCancelPolicy(true);
  }

  /** Virtual threads, one for each task. */
  ExecutorService blocking() {
    return blocking;
  }

  /**
   * Threads for what watch streams are sent, which never block. They stay, since what gRPC keeps
   * for a thread to write with is dear to make for each task.
   */
  Executor streams() {
    return streams;
  }

  /** Timers, for drivers. */
  ScheduledThreadPoolExecutor timers() {
    return timers;
  }

  @Override
  public Pending after(Duration delay, Runnable task) {
    try {
      Future<?> future = timers.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return () -> future.cancel(false);
    } catch (RejectedExecutionException _) {
      // The daemon has stopped: nothing is due any more.
      return () -> {};
    }
  }

  @Override
  public void close() {
    timers.shutdownNow();
    streams.shutdown();
    blocking.shutdown();
    try {
      if (!blocking.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        blocking.shutdownNow();
        blocking.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException _) {
      blocking.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
