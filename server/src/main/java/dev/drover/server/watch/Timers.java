package dev.drover.server.watch;

import java.time.Duration;

/** Runs short tasks at a later time. Tests drive one by hand. */
@FunctionalInterface
public interface Timers {

  /** Runs a task once after a delay, unless it is cancelled before. The task must not block. */
  Pending after(Duration delay, Runnable task);

  /** A task that has not run yet. */
  @FunctionalInterface
  interface Pending {
    /** Gives the task up; without effect once it has run. */
    void cancel();
  }
}
