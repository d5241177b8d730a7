package dev.drover.server.watch;

import java.time.Duration;
import java.util.concurrent.Executor;

/** Does something again and again, with a pause before each time, until it is closed. */
public final class Repetition implements AutoCloseable {

  private final Timers timers;
  private final Executor executor;
  private final Duration pause;
  private final Runnable action;
  private Timers.Pending next = () -> {};
  private boolean closed;

  private Repetition(Timers timers, Executor executor, Duration pause, Runnable action) {
    this.timers = timers;
    this.executor = executor;
    this.pause = pause;
    this.action = action;
  }

  /**
   * Begins, with the first pause.
   *
   * @param executor runs the action, which may block
   */
  public static Repetition start(
      Timers timers, Executor executor, Duration pause, Runnable action) {
    Repetition repetition = new Repetition(timers, executor, pause, action);
    repetition.again();
    return repetition;
  }

  private synchronized void again() {
    if (!closed) {
      next = timers.after(pause, () -> executor.execute(this::once));
    }
  }

  private void once() {
    if (isClosed()) {
      return;
    }
    try {
      action.run();
    } finally {
      again();
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
    next.cancel();
  }
}
