package dev.drover.client;

import dev.drover.v1.EventServiceGrpc;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A watch that goes on over broken connections and restarts of the daemon: it opens itself again
 * after the revision received last (R6). One thread reads, any thread may close.
 *
 * <p>The messages are the API's own. A {@code resync} is handed on, since only the caller can throw
 * away what it built from earlier messages; after it come the existing objects and a bookmark that
 * says the state is complete. A connection that breaks before that bookmark begins with a new
 * resync.
 *
 * <p>The stream is opened by the first wait for a message. A watch that leaves out the state
 * ({@code live_only}) begins with a bookmark: what is done after that was received is shown.
 */
public final class EventWatch implements AutoCloseable, Iterable<WatchResponse> {
  private final ResumingStream<WatchRequest, WatchResponse> stream;
  private final WatchRequest request;
  private final List<Consumer<DroverException>> lostListeners = new CopyOnWriteArrayList<>();
  private volatile long revision;
  private boolean incomplete;

  EventWatch(Connection connection, WatchRequest request) {
    this.request = request;
    this.revision = request.getResumeRevision();
    this.incomplete = revision == 0 && !request.getLiveOnly();
    this.stream =
        new ResumingStream<>(
            connection,
            EventServiceGrpc.getWatchMethod(),
            this::resumption,
            failure -> lostListeners.forEach(listener -> listener.accept(failure)));
  }

  private WatchRequest resumption() {
    if (incomplete) {
      return request.toBuilder().setResumeRevision(0).setLiveOnly(false).build();
    }
    return revision == 0
        ? request
        : request.toBuilder().setResumeRevision(revision).setLiveOnly(false).build();
  }

  /**
   * Tells the listener, on the reading thread, when the daemon went away and is looked for again.
   */
  public EventWatch onConnectionLost(Consumer<DroverException> listener) {
    lostListeners.add(listener);
    return this;
  }

  /**
   * Waits for the next message, for as long as it takes.
   *
   * @return the message; empty where the watch was closed, or the thread is interrupted, which
   *     closes it
   * @throws DroverException where the daemon refuses the watch, or does not come back in time
   */
  public Optional<WatchResponse> next() {
    return noted(stream.next());
  }

  /**
   * Waits for the next message.
   *
   * @return the message; empty where the watch was closed, or the thread is interrupted, which
   *     closes it
   * @throws TimeoutException where none came in time; the watch goes on
   * @throws DroverException where the daemon refuses the watch, or does not come back in time
   */
  public Optional<WatchResponse> next(Duration timeout) throws TimeoutException {
    return noted(stream.next(timeout));
  }

  /** Hands every message to the consumer, on the calling thread, until the watch is closed. */
  @Override
  public void forEach(Consumer<? super WatchResponse> consumer) {
    Optional<WatchResponse> message = next();
    while (message.isPresent()) {
      consumer.accept(message.get());
      message = next();
    }
  }

  /**
   * The messages from the next one on; {@code hasNext} waits for one, for as long as it takes, and
   * is false once the watch was closed.
   */
  @Override
  public Iterator<WatchResponse> iterator() {
    return new Iterator<>() {
      private Optional<WatchResponse> fetched = Optional.empty();

      @Override
      public boolean hasNext() {
        if (fetched.isEmpty()) {
          fetched = EventWatch.this.next();
        }
        return fetched.isPresent();
      }

      @Override
      public WatchResponse next() {
        if (!hasNext()) {
          throw new NoSuchElementException("The watch was closed");
        }
        WatchResponse message = fetched.orElseThrow();
        fetched = Optional.empty();
        return message;
      }
    };
  }

  /** Revision to resume after; 0 before the first complete state. */
  public long revision() {
    return revision;
  }

  /** Revisions count only once the state before them is complete: a resumption never repeats it. */
  private Optional<WatchResponse> noted(Optional<WatchResponse> message) {
    message.ifPresent(
        response -> {
          switch (response.getMessageCase()) {
            case RESYNC -> incomplete = true;
            case BOOKMARK -> {
              if (response.getBookmark().getStateComplete()) {
                incomplete = false;
              }
            }
            case EXISTING, EVENT, MESSAGE_NOT_SET -> {}
          }
          if (!incomplete) {
            revision = response.getRevision();
          }
        });
    return message;
  }

  /** Ends the watch; a thread that waits in {@link #next()} returns. */
  @Override
  public void close() {
    stream.close();
  }
}
