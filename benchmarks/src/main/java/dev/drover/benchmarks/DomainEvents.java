package dev.drover.benchmarks;

import dev.drover.client.Drover;
import dev.drover.client.EventWatch;
import dev.drover.v1.Domain;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import dev.drover.v1.WatchType;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What one watcher has been told of each domain last, and when. Safe for any threads. */
final class DomainEvents implements AutoCloseable {

  private final Map<String, Told> told = new HashMap<>();
  private final EventWatch watch;
  private final Thread reader;

  /** A domain, and the moment in which the watcher had it. */
  private record Told(Domain domain, long nanoTime) {}

  /** Begins to watch. */
  DomainEvents(Drover client) {
    this.watch =
        client.watch(WatchRequest.newBuilder().addTypes(WatchType.WATCH_TYPE_DOMAIN).build());
    // Not a virtual one: those share their threads with the daemon, which is what may hang.
    this.reader =
        Thread.ofPlatform()
            .daemon()
            .name("benchmark-watcher")
            .start(() -> watch.forEach(this::note));
  }

  private void note(WatchResponse message) {
    long now = System.nanoTime();
    if (message.hasEvent() && message.getEvent().getObject().hasDomain()) {
      put(message.getEvent().getObject().getDomain(), now);
    } else if (message.hasExisting() && message.getExisting().hasDomain()) {
      put(message.getExisting().getDomain(), now);
    }
  }

  private synchronized void put(Domain domain, long now) {
    told.put(domain.getSpec().getName(), new Told(domain, now));
    notifyAll();
  }

  /**
   * Waits until the watcher knows something of a domain.
   *
   * @return when it was told, as {@link System#nanoTime} counts; empty where that took too long
   */
  synchronized OptionalLong await(String name, Predicate<Domain> wanted, Duration atMost) {
    long end = System.nanoTime() + atMost.toNanos();
    try {
      while (true) {
        Told latest = told.get(name);
        if (latest != null && wanted.test(latest.domain())) {
          return OptionalLong.of(latest.nanoTime());
        }
        long left = end - System.nanoTime();
        if (left <= 0) {
          return OptionalLong.empty();
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while an event was awaited", e);
    }
  }

  @Override
  public void close() {
    watch.close();
    Readers.await(reader);
  }
}
