package dev.drover.qemu.qmp;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Events of one connection that pass a filter, in the order QEMU sent them. Waits in a queue of
 * bounded size, so that a slow consumer costs neither memory nor the other consumers anything: it
 * gets {@link EventSignal.Overflowed} after the events that did fit. Made by {@link
 * QmpConnection#subscribe}.
 */
public final class EventSubscription implements AutoCloseable {
  private final Predicate<QmpEvent> filter;
  private final int capacity;
  private final Runnable arrival;
  private final Consumer<EventSubscription> onClose;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final ArrayDeque<QmpEvent> queue = new ArrayDeque<>();
  private EventSignal.@Nullable Terminal terminal;

  EventSubscription(
      Predicate<QmpEvent> filter,
      int capacity,
      Runnable arrival,
      Consumer<EventSubscription> onClose) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity must be at least 1, was " + capacity);
    }
    this.filter = filter;
    this.capacity = capacity;
    this.arrival = arrival;
    this.onClose = onClose;
  }

  /**
   * The next signal, waiting for it if need be. A terminal signal is repeated for ever.
   *
   * @param timeout longest wait
   * @return empty when nothing came in that time
   * @throws QmpInterruptedException when the thread is interrupted while it waits
   */
  public Optional<EventSignal> next(Duration timeout) {
    long nanos = TimeUnit.NANOSECONDS.convert(timeout);
    lock.lock();
    try {
      while (queue.isEmpty() && terminal == null) {
        if (nanos <= 0) {
          return Optional.empty();
        }
        nanos = arrived.awaitNanos(nanos);
      }
      QmpEvent event = queue.poll();
      return event != null
          ? Optional.of(new EventSignal.Occurred(event))
          : Optional.ofNullable(terminal);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QmpInterruptedException("an event", e);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Hands every signal to the listener on the calling thread and returns after the terminal one.
   *
   * @throws QmpInterruptedException when the thread is interrupted while it waits
   */
  public void drain(Consumer<EventSignal> listener) {
    while (true) {
      Optional<EventSignal> signal = next(Duration.ofSeconds(60));
      signal.ifPresent(listener);
      if (signal.isPresent() && signal.get() instanceof EventSignal.Terminal) {
        return;
      }
    }
  }

  /** Ends the subscription; events still waiting are dropped. Closing twice does nothing. */
  @Override
  public void close() {
    lock.lock();
    try {
      queue.clear();
      if (terminal == null) {
        terminal = new EventSignal.Closed();
        arrived.signalAll();
      }
    } finally {
      lock.unlock();
    }
    onClose.accept(this);
  }

  /** Called on the loop thread. Returns false when the subscription takes no more events. */
  boolean offer(QmpEvent event) {
    if (!filter.test(event)) {
      return true;
    }
    boolean more;
    lock.lock();
    try {
      if (terminal != null) {
        return false;
      }
      if (queue.size() == capacity) {
        terminal = new EventSignal.Overflowed(capacity);
      } else {
        queue.add(event);
      }
      arrived.signal();
      more = terminal == null;
    } finally {
      lock.unlock();
    }
    arrival.run();
    return more;
  }

  void disconnected(String reason) {
    lock.lock();
    try {
      if (terminal == null) {
        terminal = new EventSignal.Disconnected(reason);
        arrived.signalAll();
      }
    } finally {
      lock.unlock();
    }
    arrival.run();
  }
}
