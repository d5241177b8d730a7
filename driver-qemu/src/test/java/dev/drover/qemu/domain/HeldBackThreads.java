package dev.drover.qemu.domain;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads that begin work of one's own at once, and what others hand over when one says so. */
final class HeldBackThreads extends ThreadPoolExecutor {

  private final Thread own = Thread.currentThread();
  private final CompletableFuture<Boolean> due = new CompletableFuture<>();

  HeldBackThreads() {
    super(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>());
  }

  /** Begins what was held back; nothing is from now on. */
  void begin() {
    due.complete(true);
  }

  @Override
  public void execute(Runnable task) {
    if (Thread.currentThread().equals(own)) {
      super.execute(task);
    } else {
      var _ = due.thenRun(() -> super.execute(task));
    }
  }
}
