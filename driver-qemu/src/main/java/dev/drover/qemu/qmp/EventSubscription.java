package dev.drover.qemu.qmp;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private EventSignal.@Nullable Terminal terminal;
  private long queued;
  private long fetched;
  private long dealtWith;
  private boolean closed;

  /** Waits until this many events have been dealt with. */
  private record Mark(long events, CompletableFuture<Boolean> passed) {}

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
    pass(fetchedIsDealtWith());
    lock.lock();
    try {
      while (queue.isEmpty() && terminal == null) {
        if (nanos <= 0) {
          return Optional.empty();
        }
        nanos = arrived.awaitNanos(nanos);
      }
      QmpEvent event = queue.poll();
      if (event == null) {
        return Optional.ofNullable(terminal);
      }
      fetched++;
      return Optional.of(new EventSignal.Occurred(event));
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

  /**
   * Completes when the consumer has dealt with every event that has come by now, which it shows by
   * asking for the next signal; or when the subscription is closed. QEMU sends the events of a
   * command before its answer, so whoever has that answer knows here when they are dealt with.
   */
  public CompletableFuture<Boolean> dealtWith() {
    CompletableFuture<Boolean> passed = new CompletableFuture<>();
    lock.lock();
    try {
      if (!closed && dealtWith < queued) {
        marks.add(new Mark(queued, passed));
        return passed;
      }
    } finally {
      lock.unlock();
    }
    passed.complete(true);
    return passed;
  }

  /** The marks that the consumer has passed. */
  private List<Mark> fetchedIsDealtWith() {
    List<Mark> passed = new ArrayList<>();
    lock.lock();
    try {
      dealtWith = fetched;
      while (!marks.isEmpty() && marks.element().events() <= dealtWith) {
        passed.add(marks.remove());
      }
      return passed;
    } finally {
      lock.unlock();
    }
  }

  private static void pass(List<Mark> marks) {
    marks.forEach(mark -> mark.passed().complete(true));
  }

  /** Ends the subscription; events still waiting are dropped. Closing twice does nothing. */
  @Override
  public void close() {
    List<Mark> waiting;
    lock.lock();
    try {
      queue.clear();
      closed = true;
      waiting = List.copyOf(marks);
      marks.clear();
      if (terminal == null) {
        terminal = new EventSignal.Closed();
        arrived.signalAll();
      }
    } finally {
      lock.unlock();
    }
    pass(waiting);
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
        queued++;
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
