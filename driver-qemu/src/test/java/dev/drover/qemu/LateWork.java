package dev.drover.qemu;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Threads whose work begins late where one thread asks for it: what a call hands over is done once
 * the test says so, and everything else at once.
 */
final class LateWork extends AbstractExecutorService {

  private final ExecutorService threads;
  private final Thread caller;
  private final CompletableFuture<Boolean> due = new CompletableFuture<>();
  private volatile boolean late;

  LateWork(ExecutorService threads, Thread caller) {
    this.threads = threads;
    this.caller = caller;
  }

  /** From now on the caller's work is kept back. */
  void keepBack() {
    late = true;
  }

  /** Begins what was kept back. */
  void begin() {
    late = false;
    due.complete(true);
  }

  @Override
  public void execute(Runnable task) {
    if (late && Thread.currentThread().equals(caller)) {
      var _ = due.thenRunAsync(task, threads);
    } else {
      threads.execute(task);
    }
  }

  @Override
  public void shutdown() {
    threads.shutdown();
  }

  @Override
  public List<Runnable> shutdownNow() {
    return threads.shutdownNow();
  }

  @Override
  public boolean isShutdown() {
    return threads.isShutdown();
  }

  @Override
  public boolean isTerminated() {
    return threads.isTerminated();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return threads.awaitTermination(timeout, unit);
  }
}
