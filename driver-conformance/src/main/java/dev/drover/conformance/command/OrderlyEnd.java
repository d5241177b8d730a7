package dev.drover.conformance.command;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a run end in order where the program is told to end, with Ctrl-C or by a service manager:
 * what it has made on the host is removed first.
 */
final class OrderlyEnd implements AutoCloseable {
  /** Longer than a case and the end of a daemon take. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  private OrderlyEnd(Runnable stop) {
    this.hook = new Thread(() -> endOf(stop), "orderly end");
  }

  /**
   * From now until it is closed, the end of the program waits for the close.
   *
   * @param stop makes the run come to its end soon
   */
  static OrderlyEnd by(Runnable stop) {
    OrderlyEnd end = new OrderlyEnd(stop);
    Runtime.getRuntime().addShutdownHook(end.hook);
    return end;
  }

  private void endOf(Runnable stop) {
    stop.run();
    try {
      var _ = ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      var _ = Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The program is ending: the hook is at work.
    }
  }
}
