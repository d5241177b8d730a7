package dev.drover.conformance.bench;

import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.Snapshot;

/** The beginnings of requests about one snapshot of a domain. */
public final class SnapshotRequests {

  private SnapshotRequests() {}

  /** For a new snapshot. */
  public static CreateSnapshotRequest.Builder create(TestDomain domain, String name) {
    return CreateSnapshotRequest.newBuilder().setDomain(domain.ref()).setName(name);
  }

  /** To go back to a snapshot. */
  public static RevertSnapshotRequest.Builder revert(TestDomain domain, String name) {
    return RevertSnapshotRequest.newBuilder().setDomain(domain.ref()).setName(name);
  }

  /** To delete a snapshot. */
  public static DeleteSnapshotRequest.Builder delete(TestDomain domain, String name) {
    return DeleteSnapshotRequest.newBuilder().setDomain(domain.ref()).setName(name);
  }

  /** To enter a record. */
  public static ImportSnapshotRequest.Builder enter(TestDomain domain, Snapshot.Builder record) {
    return ImportSnapshotRequest.newBuilder().setDomain(domain.ref()).setSnapshot(record);
  }
}
