package dev.drover.server.watch;

import dev.drover.spi.event.DriverEvent;
import dev.drover.v1.Domain;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;
import dev.drover.v1.WatchType;
import java.util.Map;
import java.util.Set;

/**
 * Chooses what a stream shows.
 *
 * @param types types of objects; empty: all
 * @param domains the domains concerned
 * @param viewer who is shown it
 */
public record WatchFilter(Set<WatchType> types, DomainChoice domains, Viewer viewer) {

  /** Copies the types. */
  public WatchFilter {
    types = Set.copyOf(types);
  }

  /** Whether objects of a type are shown at all. */
  public boolean shows(WatchType type) {
    return types.isEmpty() || types.contains(type);
  }

  /** Whether a domain is shown. */
  public boolean shows(Domain object) {
    return shows(object, object.getSpec().getLabelsMap());
  }

  private boolean shows(Domain object, Map<String, String> labels) {
    return shows(WatchType.WATCH_TYPE_DOMAIN)
        && domains.holds(object.getSpec().getName(), object.getSpec().getUuid(), labels)
        && viewer.sees(object);
  }

  /** Whether a job is shown. */
  public boolean shows(Job object) {
    return shows(WatchType.WATCH_TYPE_JOB)
        && domains.holdsOwner(object.getDomainName(), object.getDomainUuid())
        && viewer.sees(object);
  }

  /** Whether a snapshot is shown. */
  public boolean shows(Snapshot object) {
    return shows(WatchType.WATCH_TYPE_SNAPSHOT)
        && domains.holdsOwner(object.getDomainName(), object.getDomainUuid())
        && viewer.sees(object);
  }

  /** Whether an event is shown; of a domain also one that takes it out of what the stream shows. */
  public boolean shows(DriverEvent event) {
    return switch (event) {
      case DriverEvent.DomainEvent of ->
          shows(of.domain()) || shows(of.domain(), of.labelsBefore());
      case DriverEvent.JobEvent of -> shows(of.job());
      case DriverEvent.SnapshotEvent of -> shows(of.snapshot());
    };
  }
}
