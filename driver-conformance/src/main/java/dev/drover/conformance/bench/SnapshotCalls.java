package dev.drover.conformance.bench;

import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.GetSnapshotRequest;
import dev.drover.v1.Job;
import dev.drover.v1.ListSnapshotsRequest;
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

  /** Makes a snapshot with which copies begin. */
  public CreateSnapshotResponse withCopies(CreateSnapshotRequest.Builder request) {
    return calls.snapshots().createSnapshot(request.build());
  }

  /** Begins to delete a snapshot, or several. */
  public Job delete(DeleteSnapshotRequest.Builder request) {
    return calls.snapshots().deleteSnapshot(request.build()).getJob();
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
