package dev.drover.conformance.bench;

import dev.drover.conformance.Fill;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A guest that writes the same range of its disk over and over, as fast as it can (R19). */
public final class BusyGuest implements AutoCloseable {

  private static final long MEBIBYTE = 1L << 20;

  private final CompletableFuture<List<Fill>> last = new CompletableFuture<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  private BusyGuest() {}

  /** Lets a guest begin, which has written everything once when this returns. */
  public static BusyGuest on(TestDomain domain, String target) {
    BusyGuest guest = new BusyGuest();
    List<Fill> first = writes(0);
    domain.write(target, first);
    Thread.ofVirtual().name("busy guest").start(() -> guest.work(domain, target, first));
    return guest;
  }

  private void work(TestDomain domain, String target, List<Fill> first) {
    List<Fill> newest = first;
    try {
      for (int round = 1; !stopping.get(); round++) {
        newest = writes(round);
        domain.write(target, newest);
      }
      last.complete(newest);
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
