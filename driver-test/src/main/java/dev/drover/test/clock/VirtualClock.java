package dev.drover.test.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Virtual time, counted from the beginning of the test world. Work is due at a virtual moment and
 * done in the order of those moments, and of entry where they are equal; while work is done the
 * clock stands at its moment, however late it really is, so that what comes of it never depends on
 * the speed of the machine.
 *
 * <p>In real mode virtual time follows real time while work is due; in manual mode it stands until
 * {@link #advance}. Every method is called under the {@link WorldLock}, except {@link #close}.
 */
public final class VirtualClock implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(VirtualClock.class);

  /** Timers know no longer times than centuries; who wakes too early waits again. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  private final WorldLock lock;
  private final InstantSource real;
  private final ScheduledExecutorService timers;
  private final PriorityQueue<Task> due =
      new PriorityQueue<>(Comparator.comparing(Task::moment).thenComparingLong(Task::sequence));
  private Duration now = Duration.ZERO;
  private long sequence;
  private boolean manual;
  private boolean running;
  private boolean closed;
  private Instant anchorReal;
  private Duration anchorVirtual = Duration.ZERO;
  private Optional<ScheduledFuture<?>> timer = Optional.empty();

  private record Task(Duration moment, long sequence, Runnable work) {}

  /**
   * Makes a clock.
   *
   * @param timers executor that wakes the clock in real mode
   * @param manual true to stand until advanced
   */
  public VirtualClock(
      WorldLock lock, InstantSource real, ScheduledExecutorService timers, boolean manual) {
    this.lock = lock;
    this.real = real;
    this.timers = timers;
    this.manual = manual;
    this.anchorReal = real.instant();
  }

  /** Virtual time since the beginning. */
  public Duration now() {
    follow();
    return now;
  }

  /**
   * Does work after some virtual time; work due at once is done before this returns, unless the
   * clock is just doing other work, after which it comes.
   */
  public void schedule(Duration delay, Runnable work) {
    follow();
    due.add(new Task(now.plus(delay), sequence++, work));
    settle();
  }

  /** Chooses between manual and real mode; virtual time goes on from where it is. */
  public void setManual(boolean next) {
    follow();
    manual = next;
    anchor();
    settle();
  }

  /** Moves virtual time forward; everything due up to then has been done on return. */
  public void advance(Duration duration) {
    follow();
    Duration target = now.plus(duration);
    runUntil(target);
    now = target;
    anchor();
    settle();
  }

  @Override
  public void close() {
    lock.run(
        () -> {
          closed = true;
          due.clear();
          timer.ifPresent(armed -> armed.cancel(false));
        });
  }

  private void settle() {
    if (!running) {
      runUntil(now);
      arm();
    }
  }

  private void wake() {
    lock.run(
        () -> {
          if (!manual && !closed) {
            try {
              runUntil(realNow());
            } catch (RuntimeException e) {
              LOG.error("Work due in the test world failed; the clock goes on", e);
            }
            follow();
            arm();
          }
        });
  }

  private void runUntil(Duration target) {
    running = true;
    try {
      for (Task next = due.peek();
          next != null && next.moment().compareTo(target) <= 0;
          next = due.peek()) {
        due.remove(next);
        now = now.compareTo(next.moment()) < 0 ? next.moment() : now;
        next.work().run();
      }
    } finally {
      running = false;
    }
  }

  /** Lets virtual time reach real time, but never past work that is still to be done. */
  private void follow() {
    if (manual || running) {
      return;
    }
    Duration target = realNow();
    Task next = due.peek();
    if (next != null && next.moment().compareTo(target) < 0) {
      target = next.moment();
    }
    now = now.compareTo(target) < 0 ? target : now;
  }

  private Duration realNow() {
    return anchorVirtual.plus(Duration.between(anchorReal, real.instant()));
  }

  private void anchor() {
    anchorReal = real.instant();
    anchorVirtual = now;
  }

  private void arm() {
    timer.ifPresent(armed -> armed.cancel(false));
    timer = Optional.empty();
    Task next = due.peek();
    if (next != null && !manual && !closed) {
      Duration until = next.moment().minus(realNow());
      Duration wait = until.compareTo(LONGEST_WAIT) < 0 ? until : LONGEST_WAIT;
      timer =
          Optional.of(
              timers.schedule(this::wake, Math.max(0, wait.toNanos()), TimeUnit.NANOSECONDS));
    }
  }
}
