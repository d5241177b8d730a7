package dev.drover.spi;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.Capability;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.Snapshot;
import java.util.List;

/** Snapshots of domains; the facet behind {@code SnapshotService}. */
public interface Snapshots {

  /**
   * Makes an external snapshot of all disks that take part, and of the guest's memory where that is
   * asked for, or changes nothing and leaves no file (G1, G2, G11). Copies that are asked for begin
   * at the same moment, and their jobs go on record with the snapshot (G12); only drivers that
   * declare CAPABILITY_SNAPSHOT_COPY are asked for some, and only those that declare
   * CAPABILITY_SNAPSHOT_MEMORY_LIVE to let the guest run on while its memory is written.
   */
  CreateSnapshotResponse create(CallContext call, CreateSnapshotRequest request);

  /**
   * One snapshot; from the model.
   *
   * @throws dev.drover.spi.error.DriverException DOMAIN_NOT_FOUND, SNAPSHOT_NOT_FOUND
   */
  Snapshot get(DomainRef domain, String name);

  /** The snapshots of a domain, the oldest first; from the model. */
  List<Snapshot> list(DomainRef domain);

  /** The snapshots of every domain that there is, for watchers; from the model. */
  List<Snapshot> listAll();

  /**
   * Starts the deletion of snapshots, as {@code DeleteSnapshot} documents; with {@code
   * metadata_only} the job has ended on return. {@code validate_only} answers the job with its plan
   * and changes nothing. For drivers that declare CAPABILITY_SNAPSHOT_DELETE.
   */
  default Job delete(CallContext call, DeleteSnapshotRequest request) {
    throw undeclared("DeleteSnapshot", Capability.CAPABILITY_SNAPSHOT_DELETE);
  }

  /**
   * Starts a revert, as {@code RevertSnapshot} documents. For drivers that declare
   * CAPABILITY_SNAPSHOT_REVERT.
   */
  default Job revert(CallContext call, RevertSnapshotRequest request) {
    throw undeclared("RevertSnapshot", Capability.CAPABILITY_SNAPSHOT_REVERT);
  }

  /**
   * Enters the record of a snapshot whose images exist, as {@code ImportSnapshot} documents. For
   * drivers that declare CAPABILITY_SNAPSHOT_IMPORT.
   */
  default Snapshot importRecord(CallContext call, ImportSnapshotRequest request) {
    throw undeclared("ImportSnapshot", Capability.CAPABILITY_SNAPSHOT_IMPORT);
  }

  /** What the daemon says before it asks a driver that does not declare a capability (A3). */
  private static DriverException undeclared(String method, Capability capability) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_NOT_SUPPORTED,
        "the driver does not declare %s, which %s needs".formatted(capability, method),
        "method",
        method,
        "capability",
        capability.name());
  }
}
