package dev.drover.server.lifecycle;

import dev.drover.server.watch.Timers;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads of the daemon: virtual ones for whatever may block, two for timers. */
final class Workers implements AutoCloseable, Timers {

  private static final Duration GRACE = Duration.ofSeconds(2);

  private final ExecutorService blocking =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("drover-call-", 0).factory());
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
