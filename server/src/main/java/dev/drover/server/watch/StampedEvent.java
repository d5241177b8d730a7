package dev.drover.server.watch;

import com.google.protobuf.Timestamp;
import dev.drover.spi.event.DriverEvent;
import dev.drover.spi.snapshot.SnapshotEtags;
import dev.drover.v1.Event;
import dev.drover.v1.WatchResponse;
import dev.drover.v1.WatchedObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An event with its place in the order of its connection. */
public final class StampedEvent {

  private final long revision;
  private final DriverEvent event;
  private volatile @Nullable WatchResponse message;

  /**
   * Stamps an event.
   *
   * @param revision its place; larger is later
   */
  StampedEvent(long revision, DriverEvent event) {
    this.revision = revision;
    this.event = event;
  }

  /** Its place in the order; larger is later. */
  long revision() {
    return revision;
  }

  /** The event. */
  DriverEvent event() {
    return event;
  }

  /**
   * What streams that show it are sent: one message for all of them, made for the first, since a
   * thousand may.
   */
  WatchResponse message() {
    WatchResponse made = message;
    if (made == null) {
      made = WatchResponse.newBuilder().setRevision(revision).setEvent(shown(event)).build();
      message = made;
    }
    return made;
  }

  private static Event shown(DriverEvent event) {
    WatchedObject.Builder object = WatchedObject.newBuilder();
    switch (event) {
      case DriverEvent.DomainEvent of -> object.setDomain(of.domain());
      case DriverEvent.JobEvent of -> object.setJob(of.job());
      case DriverEvent.SnapshotEvent of -> object.setSnapshot(SnapshotEtags.shown(of.snapshot()));
    }
    Instant time = event.time();
    return Event.newBuilder()
        .setTime(Timestamp.newBuilder().setSeconds(time.getEpochSecond()).setNanos(time.getNano()))
        .setKind(event.kind())
        .setObject(object)
        .build();
  }
}
