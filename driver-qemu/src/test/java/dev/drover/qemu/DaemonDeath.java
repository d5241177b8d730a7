package dev.drover.qemu;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What a thread of a daemon that is dead in a test runs into when it would write. An error, so that
 * nothing that is done about failures is done by the dead.
 */
public final class DaemonDeath extends Error {

  private static final long serialVersionUID = 1L;

  /** Without a stack trace: it is no failure of who runs into it. */
  public DaemonDeath() {
    super("this daemon is dead in this test", null, false, false);
  }

  /** Threads of a daemon that may die: their end by it is no failure of the test that sees it. */
  public static ExecutorService threads() {
    return Executors.newThreadPerTaskExecutor(
        Thread.ofVirtual().uncaughtExceptionHandler(DaemonDeath::tell).factory());
  }

  private static void tell(Thread thread, Throwable failure) {
    if (!(failure instanceof DaemonDeath)) {
      thread.getThreadGroup().uncaughtException(thread, failure);
    }
  }
}
