package dev.drover.spi.snapshot;

import dev.drover.spi.domain.DomainBook;
import dev.drover.spi.domain.DomainStates;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.UndefineDomainRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * What becomes of the records of a domain's snapshots when its definition goes, and when it comes
 * back. To be called within the domain's lane.
 */
public final class SnapshotUndefine {

  private final DomainBook domains;
  private final SnapshotBook snapshots;

  /** Works on the driver's registers. */
  public SnapshotUndefine(DomainBook domains, SnapshotBook snapshots) {
    this.domains = domains;
    this.snapshots = snapshots;
  }

  /**
   * Removes a definition, and the records where that was asked for. A running domain goes on as a
   * transient one, with the snapshots that it has.
   *
   * @throws DriverException DOMAIN_HAS_SNAPSHOTS where the domain would be gone, and nothing was
   *     said about its snapshots
   */
  public void undefine(Domain domain, UndefineDomainRequest request) {
    String uuid = domain.getSpec().getUuid();
    boolean active = DomainStates.active(domain);
    int count = snapshots.list(uuid).size();
    boolean keep = request.getKeepSnapshots() && count > 0;
    if (count > 0 && !active && !keep && !request.getSnapshotsMetadata()) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DOMAIN_HAS_SNAPSHOTS,
          "domain '%s' has %d snapshots, whose records would be lost; remove them with snapshots_metadata, or keep them for a later definition with keep_snapshots"
              .formatted(domain.getSpec().getName(), count),
          "domain",
          domain.getSpec().getName(),
          "count",
          Integer.toString(count));
    }
    List<SnapshotBook.Change> removed = new ArrayList<>();
    domains.undefine(
        uuid,
        transaction -> {
          removed.clear();
          if (request.getSnapshotsMetadata()) {
            removed.add(snapshots.removeAll(transaction, uuid));
          } else if (keep) {
            snapshots.kept().keep(transaction, uuid);
          }
        });
    removed.forEach(snapshots::settle);
    if (domains.find(uuid).isEmpty()) {
      snapshots.tell(EventKind.EVENT_KIND_SNAPSHOT_REMOVED, uuid);
    } else if (request.getSnapshotsMetadata() && count > 0) {
      domains.observe(
          uuid, EventKind.EVENT_KIND_DOMAIN_UPDATED, status -> status.setSnapshotCount(0));
    }
  }

  /** Enters a domain that has no definition; images that it names are its owner's from then on. */
  public Domain addTransient(DomainSpec spec) {
    snapshots.owned().define(spec);
    return domains.addTransient(spec);
  }

  /**
   * Forgets the records of a transient domain that ends, unless they were to be kept. The images
   * stay.
   */
  public void ended(String uuid) {
    if (snapshots.kept().has(uuid)) {
      snapshots.tell(EventKind.EVENT_KIND_SNAPSHOT_REMOVED, uuid);
    } else {
      snapshots.change(transaction -> snapshots.removeAll(transaction, uuid));
    }
  }

  /**
   * Stores a definition, which has the snapshots again that were kept for its uuid. Images that it
   * names are its owner's from then on.
   *
   * @throws DriverException as {@link DomainBook#preview}
   */
  public Domain define(DomainSpec spec, String etag) {
    String uuid = spec.getUuid();
    if (!snapshots.kept().has(uuid)) {
      return domains.define(
          spec, etag, 0, transaction -> snapshots.owned().define(transaction, spec));
    }
    boolean unknown = domains.find(uuid).isEmpty();
    List<SnapshotBook.Change> renamed = new ArrayList<>();
    Domain domain =
        domains.define(
            spec,
            etag,
            snapshots.list(uuid).size(),
            transaction -> {
              renamed.clear();
              snapshots.owned().define(transaction, spec);
              snapshots.kept().end(transaction, uuid);
              renamed.add(
                  snapshots.edit(
                      transaction,
                      uuid,
                      snapshot -> snapshot.toBuilder().setDomainName(spec.getName()).build()));
            });
    renamed.forEach(snapshots::settle);
    if (unknown) {
      snapshots.tell(EventKind.EVENT_KIND_SNAPSHOT_CREATED, uuid);
    }
    return domain;
  }
}
