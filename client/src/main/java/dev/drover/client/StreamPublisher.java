package dev.drover.client;

import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Publishes what a blocking source yields. Each subscription opens a source of its own and reads it
 * on one virtual thread, no further than was asked for, so that a slow subscriber slows down nobody
 * else.
 *
 * @param <T> what is published
 */
final class StreamPublisher<T> implements Flow.Publisher<T> {
  private final Supplier<? extends Source<T>> sources;
  private final String name;

  /** Where items come from. */
  interface Source<T> extends AutoCloseable {
    /**
     * A source of two functions.
     *
     * @param next answers the next item, as {@link Source#next} does
     * @param close ends a wait for it
     */
    static <T> Source<T> of(Supplier<Optional<T>> next, Runnable close) {
      return new Source<>() {
        @Override
        public Optional<T> next() {
          return next.get();
        }

        @Override
        public void close() {
          close.run();
        }
      };
    }

    /** The next item, waited for as long as it takes; empty at the end, or once closed. */
    Optional<T> next();

    /** Ends a wait for the next item. */
    @Override
    void close();
  }

  /**
   * A publisher.
   *
   * @param sources opens a source
   * @param name of the thread of a subscription, for people
   */
  StreamPublisher(Supplier<? extends Source<T>> sources, String name) {
    this.sources = sources;
    this.name = name;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    Reading<T> reading = new Reading<>(subscriber, sources.get());
    Thread.ofVirtual().name(name).start(reading::run);
  }

  /** One subscription. Signals come from its own thread alone. */
  private static final class Reading<T> implements Flow.Subscription {
    private final Flow.Subscriber<? super T> subscriber;
    private final Source<T> source;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long demand;
    private boolean cancelled;
    private boolean refused;

    Reading(Flow.Subscriber<? super T> subscriber, Source<T> source) {
      this.subscriber = subscriber;
      this.source = source;
    }

    @Override
    public void request(long count) {
      lock.lock();
      try {
        if (count <= 0) {
          refused = true;
        } else {
          demand = Long.MAX_VALUE - demand < count ? Long.MAX_VALUE : demand + count;
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      if (count <= 0) {
        source.close();
      }
    }

    @Override
    public void cancel() {
      lock.lock();
      try {
        cancelled = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      source.close();
    }

    private void run() {
      try (source) {
        subscriber.onSubscribe(this);
        while (wanted()) {
          Optional<T> item = source.next();
          if (over()) {
            break;
          }
          if (item.isEmpty()) {
            subscriber.onComplete();
            return;
          }
          subscriber.onNext(item.get());
        }
        if (isRefused()) {
          subscriber.onError(new IllegalArgumentException("Ask for more than none"));
        }
      } catch (RuntimeException e) {
        if (!over()) {
          subscriber.onError(e);
        }
      }
    }

    /** Waits until an item is wanted; false where none will be any more. */
    private boolean wanted() {
      lock.lock();
      try {
        while (demand == 0 && !cancelled && !refused) {
          changed.awaitUninterruptibly();
        }
        if (cancelled || refused) {
          return false;
        }
        if (demand != Long.MAX_VALUE) {
          demand--;
        }
        return true;
      } finally {
        lock.unlock();
      }
    }

    private boolean over() {
      lock.lock();
      try {
        return cancelled || refused;
      } finally {
        lock.unlock();
      }
    }

    private boolean isRefused() {
      lock.lock();
      try {
        return refused && !cancelled;
      } finally {
        lock.unlock();
      }
    }
  }
}
