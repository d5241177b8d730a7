package dev.drover.qemu.block;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Wakes a job's worker. Rings that come while it is awake are kept as one: the worker looks at the
 * whole state each time, so nothing is lost by that.
 */
final class JobBell {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition rung = lock.newCondition();
  private boolean ringing;

  /** Wakes the worker, now or when it next listens. */
  void ring() {
    lock.lock();
    try {
      ringing = true;
      rung.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the bell rings.
   *
   * @param longest longest wait
   * @return false where it did not ring
   */
  boolean await(Duration longest) throws InterruptedException {
    lock.lock();
    try {
      long nanos = TimeUnit.NANOSECONDS.convert(longest);
      while (!ringing && nanos > 0) {
        nanos = rung.awaitNanos(nanos);
      }
      boolean heard = ringing;
      ringing = false;
      return heard;
    } finally {
      lock.unlock();
    }
  }
}
