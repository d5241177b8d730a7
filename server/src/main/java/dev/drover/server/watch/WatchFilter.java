package dev.drover.server.watch;

import dev.drover.spi.event.DriverEvent;
import dev.drover.v1.Domain;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;
import dev.drover.v1.WatchType;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses what a stream shows.
 *
 * @param types types of objects; empty: all
 * @param domain the domain concerned; empty: every domain
 * @param viewer who is shown it
 */
public record WatchFilter(Set<WatchType> types, Optional<Target> domain, Viewer viewer) {

  /**
   * A domain in one of the ways in which objects name it.
   *
   * @param name its name; empty: named by uuid
   * @param uuid its uuid in any case; empty: named by name
   */
  public record Target(String name, String uuid) {

    boolean is(String otherName, String otherUuid) {
      return name.isEmpty() ? uuid.equalsIgnoreCase(otherUuid) : name.equals(otherName);
    }
  }

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
    return shows(WatchType.WATCH_TYPE_DOMAIN)
        && concerns(object.getSpec().getName(), object.getSpec().getUuid())
        && viewer.sees(object);
  }

  /** Whether a job is shown. */
  public boolean shows(Job object) {
    return shows(WatchType.WATCH_TYPE_JOB)
        && concerns(object.getDomainName(), object.getDomainUuid())
        && viewer.sees(object);
  }

  /** Whether a snapshot is shown. */
  public boolean shows(Snapshot object) {
    return shows(WatchType.WATCH_TYPE_SNAPSHOT)
        && concerns(object.getDomainName(), object.getDomainUuid())
        && viewer.sees(object);
  }

  /** Whether an event is shown. */
  public boolean shows(DriverEvent event) {
    return switch (event) {
      case DriverEvent.DomainEvent of -> shows(of.domain());
      case DriverEvent.JobEvent of -> shows(of.job());
      case DriverEvent.SnapshotEvent of -> shows(of.snapshot());
    };
  }

  private boolean concerns(String name, String uuid) {
    return domain.isEmpty() || domain.get().is(name, uuid);
  }
}
