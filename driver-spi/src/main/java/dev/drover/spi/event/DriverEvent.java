package dev.drover.spi.event;

import dev.drover.v1.Domain;
import dev.drover.v1.EventKind;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;
import java.time.Instant;

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
   */
  record DomainEvent(Instant time, EventKind kind, Domain domain) implements DriverEvent {}

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
