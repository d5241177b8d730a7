package dev.drover.server.watch;

import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.event.EventSink;
import dev.drover.v1.EventKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The events of one connection in one order, of which the newest are held in memory (R6). Readers
 * keep their own place and come back for more when they are told that something was published, so
 * that a slow one costs nothing: it falls out of the history and has to begin anew.
 *
 * <p>Progress of a job is kept once: newer progress replaces older, which a reader behind misses
 * without harm.
 */
public final class EventHub implements EventSink {

  private final int capacity;
  private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();

  private final Object lock = new Object();
  private final TreeMap<Long, StampedEvent> history = new TreeMap<>();
  private final Map<String, Long> progress = new HashMap<>();
  private volatile long revision;
  private long lost;

  /**
   * Makes a hub.
   *
   * @param seed revision before the first event; larger than any that an earlier daemon gave
   * @param capacity number of events held
   */
  public EventHub(long seed, int capacity) {
    this.revision = seed;
    this.lost = seed;
    this.capacity = capacity;
  }

  @Override
  public void publish(DriverEvent event) {
    synchronized (lock) {
      revision++;
      if (event instanceof DriverEvent.JobEvent job) {
        String id = job.job().getId();
        Long older = progress.remove(id);
        if (job.kind() == EventKind.EVENT_KIND_JOB_PROGRESSED) {
          progress.put(id, revision);
          if (older != null) {
            history.remove(older);
          }
        }
      }
      history.put(revision, new StampedEvent(revision, event));
      if (history.size() > capacity) {
        lost = history.pollFirstEntry().getKey();
        progress.values().removeIf(place -> place <= lost);
      }
    }
    listeners.forEach(Runnable::run);
  }

  /** Revision of the newest event. */
  public long revision() {
    synchronized (lock) {
      return revision;
    }
  }

  /** Whether everything after a revision is still held. */
  public boolean holdsAfter(long place) {
    synchronized (lock) {
      return place >= lost && place <= revision;
    }
  }

  /**
   * Events after a revision, oldest first.
   *
   * @param place revision read last
   * @param most number of events wanted
   */
  public Batch after(long place, int most) {
    if (place == revision) {
      // What each of many readers finds that has just read the newest: nothing to take turns for.
      return new Batch(false, place, List.of());
    }
    synchronized (lock) {
      if (place < lost || place > revision) {
        return new Batch(true, place, List.of());
      }
      List<StampedEvent> events = new ArrayList<>();
      for (StampedEvent event : history.tailMap(place, false).values()) {
        if (events.size() == most) {
          return new Batch(false, events.getLast().revision(), events);
        }
        events.add(event);
      }
      return new Batch(false, revision, events);
    }
  }

  /**
   * Calls a listener after every publication, on the publisher's thread; it must return at once.
   *
   * @return ends the calls
   */
  public Registration onPublish(Runnable listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** A listener that is being called. */
  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * What a reader gets.
   *
   * @param gap true where events after the place asked for are no longer held
   * @param place revision up to which the reader has then read
   * @param events the events, oldest first
   */
  public record Batch(boolean gap, long place, List<StampedEvent> events) {

    /** Copies the list. */
    public Batch {
      events = List.copyOf(events);
    }
  }
}
