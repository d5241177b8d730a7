package dev.drover.client;

import com.google.protobuf.Timestamp;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DomainState;
import dev.drover.v1.GetSnapshotRequest;
import dev.drover.v1.GetSnapshotResponse;
import dev.drover.v1.ListSnapshotsRequest;
import dev.drover.v1.ListSnapshotsResponse;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Snapshots that are children of each other, in the order of their making. */
public final class FakeSnapshots extends SnapshotServiceGrpc.SnapshotServiceImplBase {
  /** Requests that arrived. */
  public final List<CreateSnapshotRequest> created = new CopyOnWriteArrayList<>();

  @Override
  public void createSnapshot(
      CreateSnapshotRequest request, StreamObserver<CreateSnapshotResponse> response) {
    created.add(request);
    response.onNext(
        CreateSnapshotResponse.newBuilder().setSnapshot(snapshot(request.getName(), "")).build());
    response.onCompleted();
  }

  @Override
  public void getSnapshot(
      GetSnapshotRequest request, StreamObserver<GetSnapshotResponse> response) {
    response.onNext(
        GetSnapshotResponse.newBuilder().setSnapshot(snapshot(request.getName(), "one")).build());
    response.onCompleted();
  }

  @Override
  public void listSnapshots(
      ListSnapshotsRequest request, StreamObserver<ListSnapshotsResponse> response) {
    response.onNext(
        ListSnapshotsResponse.newBuilder()
            .addSnapshots(snapshot("one", ""))
            .addSnapshots(snapshot("two", "one"))
            .addSnapshots(snapshot("side", "one"))
            .addSnapshots(snapshot("three", "two"))
            .build());
    response.onCompleted();
  }

  private static Snapshot snapshot(String name, String parent) {
    return Snapshot.newBuilder()
        .setName(name)
        .setParent(parent)
        .setDomainName("web")
        .setDomainState(DomainState.DOMAIN_STATE_RUNNING)
        .setCreateTime(Timestamp.newBuilder().setSeconds(1_700_000_000))
        .addDisks(SnapshotDisk.newBuilder().setTarget("vda"))
        .build();
  }
}
