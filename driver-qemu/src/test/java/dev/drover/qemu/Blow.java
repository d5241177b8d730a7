package dev.drover.qemu;

import java.util.concurrent.CompletableFuture;

/**
 * Something terrible that happens on the thread that comes to it, after which the daemon may be
 * gone: then nothing that it still does is written.
 */
public final class Blow {

  private final CompletableFuture<Boolean> struck = new CompletableFuture<>();
  private volatile boolean cut;

  /** What goes wrong while it strikes is what the test is told, whoever else hears of it. */
  public void strike(Runnable due) {
    try {
      due.run();
      struck.complete(true);
    } catch (RuntimeException | AssertionError e) {
      struck.completeExceptionally(e);
      throw e;
    }
  }

  /** Completes when it has happened. */
  public CompletableFuture<Boolean> struck() {
    return struck;
  }

  /** Lets nothing be written any more, as if the daemon were gone. */
  public void cut() {
    cut = true;
  }

  /** Whether the daemon is gone. */
  public boolean isCut() {
    return cut;
  }

  /** Ends a thread of a daemon that is gone. */
  public void requireAlive() {
    if (cut) {
      throw new DaemonDeath();
    }
  }
}
