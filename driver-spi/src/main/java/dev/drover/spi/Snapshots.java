package dev.drover.spi;

import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.DomainRef;
import dev.drover.v1.Job;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.Snapshot;
import java.util.List;

/** Snapshots of domains; the facet behind {@code SnapshotService}. */
public interface Snapshots {

  /**
   * Makes an external disk-only snapshot of all disks that take part, or changes nothing and leaves
   * no file (G1, G2, G11).
   */
  Snapshot create(CallContext call, CreateSnapshotRequest request);

  /**
   * One snapshot; from the model.
   *
   * @throws dev.drover.spi.error.DriverException DOMAIN_NOT_FOUND, SNAPSHOT_NOT_FOUND
   */
  Snapshot get(DomainRef domain, String name);

  /** The snapshots of a domain, the oldest first; from the model. */
  List<Snapshot> list(DomainRef domain);

  /** The snapshots of every domain, for watchers; from the model. */
  List<Snapshot> listAll();

  /**
   * Starts the deletion of snapshots, as {@code DeleteSnapshot} documents; with {@code
   * metadata_only} the job has ended on return. {@code validate_only} answers the job with its plan
   * and changes nothing.
   */
  Job delete(CallContext call, DeleteSnapshotRequest request);

  /** Starts a revert, as {@code RevertSnapshot} documents. */
  Job revert(CallContext call, RevertSnapshotRequest request);
}
