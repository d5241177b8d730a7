package dev.drover.server.guard;

import dev.drover.server.access.DomainTraits;
import dev.drover.server.access.Grant;
import dev.drover.server.access.Permission;
import dev.drover.server.access.PermissionPolicy;
import dev.drover.server.watch.Viewer;
import dev.drover.spi.Caller;
import dev.drover.spi.Domains;
import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.NotFound;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a caller may see of a connection, decided anew at every question (R23). Of a job whose
 * domain is gone only the name is left, so that bindings by label do not reach it any more.
 */
public final class Visibility {

  private final PermissionPolicy policy;
  private final Caller caller;
  private final Domains domains;

  Visibility(PermissionPolicy policy, Caller caller, Domains domains) {
    this.policy = policy;
    this.caller = caller;
    this.domains = domains;
  }

  /** Whether the caller has a permission on a domain. */
  public boolean may(Permission permission, Domain domain) {
    return grant(permission).covers(DomainTraits.of(domain));
  }

  /** Whether the caller may read a domain. */
  public boolean sees(Domain domain) {
    return may(Permission.DOMAIN_READ, domain);
  }

  /** Whether the caller may read a job. */
  public boolean sees(Job job) {
    return may(Permission.JOB_READ, job);
  }

  /**
   * The domain of a reference, where the caller has a permission on it.
   *
   * @throws DriverException DOMAIN_NOT_FOUND, the same where there is none and where it is hidden
   */
  public Domain require(Permission permission, DomainRef ref) {
    Domain found = domains.get(ref);
    if (!may(permission, found)) {
      throw NotFound.domain(ref);
    }
    return found;
  }

  /** What the caller may watch: events of what could be read, too. */
  public Viewer viewer() {
    return new Watching();
  }

  /** Whether the caller has a permission on the domain of a job. */
  private boolean may(Permission permission, Job job) {
    return may(permission, job.getDomainName(), job.getDomainUuid());
  }

  /** The domain of a reference, whoever may see it; empty: there is none. */
  Optional<Domain> find(DomainRef ref) {
    try {
      return Optional.of(domains.get(ref));
    } catch (DriverException e) {
      if (e.reason() == ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private boolean may(Permission permission, String name, String uuid) {
    return switch (grant(permission)) {
      case Grant.Everywhere _ -> true;
      case Grant.Nothing _ -> false;
      case Grant.Within within -> within.covers(traits(name, uuid));
    };
  }

  /** What is known of the domain of a job. */
  DomainTraits traits(Job job) {
    return traits(job.getDomainName(), job.getDomainUuid());
  }

  /** What is known of a domain by its name and uuid: no labels where there is none. */
  public DomainTraits traits(String name, String uuid) {
    return find(DomainRef.newBuilder().setUuid(uuid).build())
        .map(DomainTraits::of)
        .orElseGet(() -> new DomainTraits(name, Map.of()));
  }

  private Grant grant(Permission permission) {
    return policy.grant(caller, permission.text());
  }

  /** The caller as a watcher. */
  private final class Watching implements Viewer {

    @Override
    public boolean sees(Domain domain) {
      return may(Permission.EVENT_READ, domain) && Visibility.this.sees(domain);
    }

    @Override
    public boolean sees(Job job) {
      return may(Permission.EVENT_READ, job) && Visibility.this.sees(job);
    }

    @Override
    public boolean sees(Snapshot snapshot) {
      String name = snapshot.getDomainName();
      String uuid = snapshot.getDomainUuid();
      return may(Permission.EVENT_READ, name, uuid)
          && may(Permission.DOMAIN_SNAPSHOT_READ, name, uuid);
    }

    @Override
    public Object scope() {
      Grant events = grant(Permission.EVENT_READ);
      if (events instanceof Grant.Nothing) {
        throw Denial.of(caller, Permission.EVENT_READ.text());
      }
      return List.of(
          events,
          grant(Permission.DOMAIN_READ),
          grant(Permission.JOB_READ),
          grant(Permission.DOMAIN_SNAPSHOT_READ));
    }
  }
}
