package dev.drover.test.clock;

import dev.drover.spi.CallContext;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The lock under which guests, jobs, clock and faults change. Waiting inside gives it up and takes
 * it again, so that a call held by a fault stops nobody else. It is taken after a domain's lane and
 * before the locks of the registers.
 */
public final class WorldLock {

  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Makes a lock whose waits measure the deadlines of calls by this clock. */
  public WorldLock(InstantSource clock) {
    this.clock = clock;
  }

  /** Does something under the lock. */
  public void run(Runnable action) {
    get(
        () -> {
          action.run();
          return true;
        });
  }

  /** Does something under the lock that has a result. */
  public <T> T get(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /** Wakes those who wait, to look again. Under the lock. */
  public void signal() {
    changed.signalAll();
  }

  /**
   * Ends a call whose caller has gone, or whose deadline has passed. With the lock or without.
   *
   * @throws DriverException DEADLINE_EXCEEDED or CALL_CANCELLED
   */
  public void check(CallContext call) {
    call.check(clock.instant());
  }

  /**
   * Waits until a condition holds, giving the lock up meanwhile. Under the lock.
   *
   * @throws DriverException DEADLINE_EXCEEDED or CALL_CANCELLED
   */
  public void await(CallContext call, BooleanSupplier condition) {
    try {
      while (!condition.getAsBoolean()) {
        check(call);
        long slice =
            Math.min(call.remaining(clock.instant()).toNanos(), TimeUnit.SECONDS.toNanos(1));
        changed.await(slice, TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DriverException.causedBy(
          e, ErrorReason.ERROR_REASON_CALL_CANCELLED, "the call was given up");
    }
  }
}
