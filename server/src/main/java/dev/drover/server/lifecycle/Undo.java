package dev.drover.server.lifecycle;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has been started, to be stopped in reverse; one that fails to stop does not keep the rest.
 */
final class Undo {

  private static final Logger log = LoggerFactory.getLogger(Undo.class);

  private record Started(String name, AutoCloseable part) {}

  private final ArrayDeque<Started> started = new ArrayDeque<>();

  /** Remembers something that has been started. */
  synchronized void add(String name, AutoCloseable part) {
    started.push(new Started(name, part));
  }

  /** Stops everything, the newest first; the second time nothing is left to stop. */
  void close() {
    RuntimeException failure = stopAll();
    if (failure != null) {
      throw failure;
    }
  }

  /** Stops everything because of a failure, to which further ones are added. */
  void close(Throwable cause) {
    RuntimeException failure = stopAll();
    if (failure != null) {
      cause.addSuppressed(failure);
    }
  }

  private synchronized @Nullable RuntimeException stopAll() {
    RuntimeException failure = null;
    while (!started.isEmpty()) {
      Started next = started.pop();
      try {
        next.part().close();
      } catch (Exception e) {
        log.error("{} did not stop in order", next.name(), e);
        if (failure == null) {
          failure = new IllegalStateException(next.name() + " did not stop in order", e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    return failure;
  }
}
