package dev.drover.qemu.block;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A guest that runs and writes the same half mebibyte over and over, unless it is held. */
final class GuestWriter implements AutoCloseable {

  private static final int BLOCKS = 8;

  private final CompletableFuture<Integer> written = new CompletableFuture<>();
  private volatile boolean stop;

  GuestWriter(BlockBench bench) {
    bench.run();
    Thread.ofVirtual().name("guest").start(() -> work(bench));
  }

  private void work(BlockBench bench) {
    try {
      int count = 0;
      while (!stop) {
        if (bench.runs()) {
          bench.guestWrites(1 + count % 250, 16 + count % BLOCKS);
          count++;
        }
      }
      written.complete(count);
    } catch (RuntimeException | AssertionError e) {
      written.completeExceptionally(e);
    }
  }

  @Override
  public void close() {
    stop();
  }

  /** Stops it; what it wrote is part of the guest's view from here on. */
  void stop() {
    stop = true;
    try {
      if (written.get() == 0) {
        throw new IllegalStateException("the guest has written nothing");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the guest failed to write", e);
    }
  }
}
