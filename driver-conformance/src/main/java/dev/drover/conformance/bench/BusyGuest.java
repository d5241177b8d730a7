package dev.drover.conformance.bench;

import dev.drover.conformance.Fill;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A guest that writes the same range of its disk over and over, faster than any copy that a case
 * slows down (R19), and no faster than that takes: cases that run at once share the machine with
 * it.
 */
public final class BusyGuest implements AutoCloseable {

  private static final long MEBIBYTE = 1L << 20;

  private static final Executor AFTER_A_BREATH =
      CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS, Thread::startVirtualThread);

  private final TestDomain domain;
  private final String target;
  private final CompletableFuture<List<Fill>> last = new CompletableFuture<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  private BusyGuest(TestDomain domain, String target) {
    this.domain = domain;
    this.target = target;
  }

  /** Lets a guest begin, which has written everything once when this returns. */
  public static BusyGuest on(TestDomain domain, String target) {
    BusyGuest guest = new BusyGuest(domain, target);
    domain.write(target, writes(0));
    AFTER_A_BREATH.execute(() -> guest.work(1));
    return guest;
  }

  private void work(int round) {
    try {
      List<Fill> newest = writes(round);
      domain.write(target, newest);
      if (stopping.get()) {
        last.complete(newest);
      } else {
        AFTER_A_BREATH.execute(() -> work(round + 1));
      }
    } catch (RuntimeException | AssertionError e) {
      last.completeExceptionally(e);
    }
  }

  private static List<Fill> writes(int round) {
    return List.of(new Fill(MEBIBYTE, 4 * MEBIBYTE, 1 + round % 250));
  }

  /** Stops it, and answers what the range holds now. */
  public List<Fill> stop() {
    stopping.set(true);
    try {
      return last.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while the guest writes", e);
    } catch (ExecutionException e) {
      throw new AssertionError("the guest failed to write", e);
    }
  }

  /** Stops it, whatever it writes. */
  @Override
  public void close() {
    stopping.set(true);
  }
}
