package dev.drover.qemu.snapshot;

import dev.drover.qemu.domain.GuestFreeze;
import dev.drover.qemu.domain.LiveDomain;
import dev.drover.spi.DriverContext;
import dev.drover.spi.error.DriverException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The time in which a guest's file systems are frozen for a snapshot, where that was asked for
 * (R22). Whatever QEMU does meanwhile, they are thawed when the limit has passed; and where this
 * daemon dies, the next one thaws them, since nobody there claims them.
 */
final class FrozenMoment implements AutoCloseable {

  private final Optional<GuestFreeze> freeze;
  private final Optional<ScheduledFuture<?>> end;
  private final AtomicBoolean over;

  private FrozenMoment(
      Optional<GuestFreeze> freeze, Optional<ScheduledFuture<?>> end, AtomicBoolean over) {
    this.freeze = freeze;
    this.end = end;
    this.over = over;
  }

  /**
   * Freezes the file systems, unless the limit is zero.
   *
   * @param limit longest time from now until they are thawed
   * @param patience longest wait for the agent, where the caller has less time than that
   * @throws DriverException as {@link dev.drover.qemu.domain.GuestFileSystems#freeze}
   */
  static FrozenMoment begin(
      DriverContext context, LiveDomain live, Duration limit, Duration patience) {
    AtomicBoolean over = new AtomicBoolean();
    if (limit.isZero()) {
      return new FrozenMoment(Optional.empty(), Optional.empty(), over);
    }
    long since = System.nanoTime();
    GuestFreeze freeze =
        live.fileSystems()
            .freeze(UUID.randomUUID().toString(), limit.compareTo(patience) < 0 ? limit : patience);
    long left = Math.max(0, limit.toNanos() - (System.nanoTime() - since));
    ScheduledFuture<?> end =
        context
            .timers()
            .schedule(
                () -> {
                  over.set(true);
                  context.blocking().execute(freeze::close);
                },
                left,
                TimeUnit.NANOSECONDS);
    return new FrozenMoment(Optional.of(freeze), Optional.of(end), over);
  }

  /** Whether at least one file system has been frozen from the beginning until now. */
  boolean frozen() {
    return !over.get() && freeze.filter(GuestFreeze::frozeAny).isPresent();
  }

  /** Thaws them, where that has not been done. Never fails. */
  @Override
  public void close() {
    end.ifPresent(timer -> timer.cancel(false));
    freeze.ifPresent(GuestFreeze::close);
  }
}
