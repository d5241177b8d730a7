package dev.drover.server.watch;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams that follow a connection's events, in a few shares. An event wakes the shares, and
 * each goes through its streams, so that who publishes, often with a lock held, does not pay for
 * how many watch.
 */
final class Audience {

  private static final Logger log = LoggerFactory.getLogger(Audience.class);

  private final List<Share> shares;
  private final AtomicInteger added = new AtomicInteger();

  /**
   * Makes an audience without streams.
   *
   * @param executor runs the shares
   * @param shares how many there are, each of which runs on one thread at a time
   */
  Audience(Executor executor, int shares) {
    this.shares = Stream.generate(() -> new Share(executor)).limit(shares).toList();
  }

  /**
   * Adds a stream.
   *
   * @param tell tells it that there is news, and returns soon
   * @return takes it out again
   */
  Runnable add(Runnable tell) {
    Share share = shares.get(Math.floorMod(added.getAndIncrement(), shares.size()));
    share.streams.add(tell);
    return () -> share.streams.remove(tell);
  }

  /** Says that there is news. Returns at once. */
  void wake() {
    shares.forEach(Share::wake);
  }

  /** Streams that one thread at a time goes through. */
  private static final class Share {

    private final Executor executor;
    private final List<Runnable> streams = new CopyOnWriteArrayList<>();
    private final AtomicInteger news = new AtomicInteger();

    Share(Executor executor) {
      this.executor = executor;
    }

    void wake() {
      if (!streams.isEmpty() && news.getAndIncrement() == 0) {
        executor.execute(this::tell);
      }
    }

    private void tell() {
      int seen = news.get();
      do {
        streams.forEach(Share::tell);
        seen = news.addAndGet(-seen);
      } while (seen != 0);
    }

    /** What becomes of one stream is nothing to the others. */
    private static void tell(Runnable stream) {
      try {
        stream.run();
      } catch (RuntimeException | Error e) {
        log.error("a watch stream failed", e);
      }
    }
  }
}
