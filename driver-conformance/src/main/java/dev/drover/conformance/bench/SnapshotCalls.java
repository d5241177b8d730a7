package dev.drover.conformance.bench;

import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.GetSnapshotRequest;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.ListSnapshotsRequest;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.Snapshot;
import java.util.List;

/**
 * Makes snapshots and looks at them.
 *
 * @param calls where
 */
public record SnapshotCalls(Calls calls) {

  /** Makes a snapshot. */
  public Snapshot create(CreateSnapshotRequest.Builder request) {
    return calls.snapshots().createSnapshot(request.build()).getSnapshot();
  }

  /** Makes a snapshot of all disks that has nothing but a name. */
  public Snapshot create(TestDomain domain, String name) {
    return create(SnapshotRequests.create(domain, name));
  }

  /** Makes a snapshot with which copies begin. */
  public CreateSnapshotResponse withCopies(CreateSnapshotRequest.Builder request) {
    return calls.snapshots().createSnapshot(request.build());
  }

  /** Begins to delete a snapshot, or several. */
  public Job delete(DeleteSnapshotRequest.Builder request) {
    return calls.snapshots().deleteSnapshot(request.build()).getJob();
  }

  /** Begins to delete a snapshot alone, with its images. */
  public Job delete(TestDomain domain, String name) {
    return delete(SnapshotRequests.delete(domain, name));
  }

  /** Begins to go back to a snapshot. */
  public Job revert(RevertSnapshotRequest.Builder request) {
    return calls.snapshots().revertSnapshot(request.build()).getJob();
  }

  /** Begins to go back to a snapshot, as it is. */
  public Job revert(TestDomain domain, String name) {
    return revert(SnapshotRequests.revert(domain, name));
  }

  /** Enters a record. */
  public Snapshot enter(ImportSnapshotRequest.Builder request) {
    return calls.snapshots().importSnapshot(request.build()).getSnapshot();
  }

  /** Enters a record as a new one. */
  public Snapshot enter(TestDomain domain, Snapshot.Builder record) {
    return enter(SnapshotRequests.enter(domain, record));
  }

  /** A snapshot of a domain as it is now. */
  public Snapshot get(TestDomain domain, String name) {
    return calls
        .snapshots()
        .getSnapshot(GetSnapshotRequest.newBuilder().setDomain(domain.ref()).setName(name).build())
        .getSnapshot();
  }

  /** All snapshots of a domain. */
  public List<Snapshot> list(TestDomain domain) {
    return calls
        .snapshots()
        .listSnapshots(ListSnapshotsRequest.newBuilder().setDomain(domain.ref()).build())
        .getSnapshotsList();
  }
}
