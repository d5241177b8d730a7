package dev.drover.server.watch;

import dev.drover.v1.Bookmark;
import dev.drover.v1.Resync;
import dev.drover.v1.ResyncReason;
import dev.drover.v1.WatchResponse;
import dev.drover.v1.WatchedObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;

/**
 * The messages of one watch stream in their order (R6): the state where it was asked for or cannot
 * be avoided, then events. While the state is under way every message carries the revision that is
 * safe to resume from should the stream break there, which is the one before the state began.
 */
final class WatchSource implements StreamPump.Source<WatchResponse> {

  /** Longest silence of a stream. */
  static final Duration QUIET = Duration.ofSeconds(15);

  private static final int BATCH = 64;

  private final EventHub hub;
  private final WatchState state;
  private final WatchFilter filter;
  private final InstantSource clock;

  private final ArrayDeque<StampedEvent> events = new ArrayDeque<>();
  private Phase phase;
  private ResyncReason reason = ResyncReason.RESYNC_REASON_INITIAL;
  private Iterator<WatchedObject> existing = Collections.emptyIterator();

  /** Revision from which the client can resume. */
  private long resumable;

  /** Revision up to which events have been read. */
  private long place;

  private volatile Instant last;

  /** What the caller may see, as the stream shows it. */
  private Object scope;

  /** What comes next. */
  private enum Phase {
    BEGINNING,
    RESYNC,
    EXISTING,
    EVENTS
  }

  private WatchSource(
      EventHub hub,
      WatchState state,
      WatchFilter filter,
      InstantSource clock,
      long resumeRevision) {
    this.hub = hub;
    this.state = state;
    this.filter = filter;
    this.clock = clock;
    this.resumable = resumeRevision;
    this.place = resumeRevision;
    this.phase = Phase.RESYNC;
    this.last = clock.instant();
    this.scope = filter.viewer().scope();
  }

  /** A stream that begins with the state. */
  static WatchSource fromState(
      EventHub hub, WatchState state, WatchFilter filter, InstantSource clock) {
    return new WatchSource(hub, state, filter, clock, 0);
  }

  /**
   * A stream that leaves out the state. It says where it begins: a client that acts after that sees
   * what comes of it, and one whose connection breaks before the first event has where to resume.
   */
  static WatchSource live(EventHub hub, WatchState state, WatchFilter filter, InstantSource clock) {
    WatchSource source = new WatchSource(hub, state, filter, clock, hub.revision());
    source.phase = Phase.BEGINNING;
    return source;
  }

  /** A stream that goes on after a revision, or begins anew where that is no longer held. */
  static WatchSource after(
      EventHub hub, WatchState state, WatchFilter filter, InstantSource clock, long revision) {
    WatchSource source = new WatchSource(hub, state, filter, clock, revision);
    if (hub.holdsAfter(revision)) {
      source.phase = Phase.EVENTS;
    } else {
      source.reason = ResyncReason.RESYNC_REASON_TOO_OLD;
    }
    return source;
  }

  @Override
  public Optional<WatchResponse> next() {
    follow(filter.viewer().scope());
    Optional<WatchResponse> message =
        switch (phase) {
          case BEGINNING -> Optional.of(beginning());
          case RESYNC -> Optional.of(resync());
          case EXISTING -> Optional.of(existing());
          case EVENTS -> event();
        };
    if (message.isPresent()) {
      last = clock.instant();
    }
    return message;
  }

  @Override
  public boolean complete() {
    return false;
  }

  /** Begins anew where the caller may see other things than what the stream has shown. */
  private void follow(Object now) {
    if (!now.equals(scope)) {
      scope = now;
      reason = ResyncReason.RESYNC_REASON_PERMISSIONS;
      events.clear();
      phase = Phase.RESYNC;
    }
  }

  /** Time until the stream has been quiet for too long. */
  Duration untilQuiet() {
    Duration left = Duration.between(clock.instant(), last.plus(QUIET));
    return left.isNegative() ? Duration.ZERO : left;
  }

  private WatchResponse beginning() {
    phase = Phase.EVENTS;
    return bookmarked();
  }

  private WatchResponse resync() {
    place = hub.revision();
    existing = state.existing(filter);
    phase = Phase.EXISTING;
    return message().setResync(Resync.newBuilder().setReason(reason)).build();
  }

  private WatchResponse existing() {
    if (existing.hasNext()) {
      return message().setExisting(existing.next()).build();
    }
    resumable = place;
    phase = Phase.EVENTS;
    return message().setBookmark(Bookmark.newBuilder().setStateComplete(true)).build();
  }

  private Optional<WatchResponse> event() {
    while (true) {
      while (!events.isEmpty()) {
        StampedEvent next = events.remove();
        resumable = next.revision();
        if (filter.shows(next.event())) {
          return Optional.of(next.message());
        }
      }
      EventHub.Batch batch = hub.after(place, BATCH);
      if (batch.gap()) {
        reason = ResyncReason.RESYNC_REASON_SLOW_CONSUMER;
        return Optional.of(resync());
      }
      if (batch.events().isEmpty()) {
        resumable = batch.place();
        place = batch.place();
        return bookmark();
      }
      place = batch.place();
      events.addAll(batch.events());
    }
  }

  private Optional<WatchResponse> bookmark() {
    return untilQuiet().isZero() ? Optional.of(bookmarked()) : Optional.empty();
  }

  private WatchResponse bookmarked() {
    return message().setBookmark(Bookmark.getDefaultInstance()).build();
  }

  private WatchResponse.Builder message() {
    return WatchResponse.newBuilder().setRevision(resumable);
  }
}
