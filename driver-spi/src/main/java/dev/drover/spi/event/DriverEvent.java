package dev.drover.spi.event;

import dev.drover.v1.Domain;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;
import java.time.Instant;
import java.util.Map;

/** A change of one object of a driver's model. */
public sealed interface DriverEvent {

  /** When it happened. */
  Instant time();

  /** What happened. */
  EventKind kind();

  /**
   * A change of a domain.
   *
   * @param domain the domain after the change, or before it where it was removed
   * @param labelsBefore labels of the domain before the change; the domain's own where it is new
   */
  record DomainEvent(Instant time, EventKind kind, Domain domain, Map<String, String> labelsBefore)
      implements DriverEvent {

    /** Copies the labels. */
    public DomainEvent {
      labelsBefore = Map.copyOf(labelsBefore);
    }

    /** A change that leaves the labels as they are. */
    public DomainEvent(Instant time, EventKind kind, Domain domain) {
      this(time, kind, domain, domain.getSpec().getLabelsMap());
    }
  }

  /**
   * A change of a job.
   *
   * @param job the job after the change
   */
  record JobEvent(Instant time, EventKind kind, Job job) implements DriverEvent {}

  /**
   * A change of a snapshot.
   *
   * @param snapshot the snapshot after the change, or before it where it was removed
   */
  record SnapshotEvent(Instant time, EventKind kind, Snapshot snapshot) implements DriverEvent {}
}
