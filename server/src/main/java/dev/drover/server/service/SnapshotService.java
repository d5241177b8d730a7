package dev.drover.server.service;

import dev.drover.server.service.Paging.Page;
import dev.drover.server.service.Paging.Place;
import dev.drover.spi.snapshot.SnapshotEtags;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.DeleteSnapshotResponse;
import dev.drover.v1.GetSnapshotRequest;
import dev.drover.v1.GetSnapshotResponse;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.ImportSnapshotResponse;
import dev.drover.v1.ListSnapshotsRequest;
import dev.drover.v1.ListSnapshotsResponse;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertSnapshotResponse;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotServiceGrpc;
import io.grpc.stub.StreamObserver;

/** {@code drover.v1.SnapshotService} on the driver's {@link dev.drover.spi.Snapshots}. */
public final class SnapshotService extends SnapshotServiceGrpc.SnapshotServiceImplBase {

  private static final long NANOS = 1_000_000_000L;

  @Override
  public void createSnapshot(
      CreateSnapshotRequest request, StreamObserver<CreateSnapshotResponse> client) {
    Calls.answer(
        client,
        call -> {
          CreateSnapshotResponse made = call.snapshots().create(call.context(), request);
          return made.hasSnapshot()
              ? made.toBuilder().setSnapshot(SnapshotEtags.shown(made.getSnapshot())).build()
              : made;
        });
  }

  @Override
  public void getSnapshot(GetSnapshotRequest request, StreamObserver<GetSnapshotResponse> client) {
    Calls.answer(
        client,
        call ->
            GetSnapshotResponse.newBuilder()
                .setSnapshot(
                    SnapshotEtags.shown(
                        call.snapshots().get(request.getDomain(), request.getName())))
                .build());
  }

  @Override
  public void listSnapshots(
      ListSnapshotsRequest request, StreamObserver<ListSnapshotsResponse> client) {
    Calls.answer(
        client,
        call -> {
          Page<Snapshot> page =
              Paging.page(
                  call.snapshots().list(request.getDomain()),
                  SnapshotService::oldestFirst,
                  request.getDomain(),
                  request.getPageSize(),
                  request.getPageToken());
          return ListSnapshotsResponse.newBuilder()
              .addAllSnapshots(page.items().stream().map(SnapshotEtags::shown).toList())
              .setNextPageToken(page.next())
              .build();
        });
  }

  @Override
  public void deleteSnapshot(
      DeleteSnapshotRequest request, StreamObserver<DeleteSnapshotResponse> client) {
    Calls.answer(
        client,
        call ->
            DeleteSnapshotResponse.newBuilder()
                .setJob(call.snapshots().delete(call.context(), request))
                .build());
  }

  @Override
  public void revertSnapshot(
      RevertSnapshotRequest request, StreamObserver<RevertSnapshotResponse> client) {
    Calls.answer(
        client,
        call ->
            RevertSnapshotResponse.newBuilder()
                .setJob(call.snapshots().revert(call.context(), request))
                .build());
  }

  @Override
  public void importSnapshot(
      ImportSnapshotRequest request, StreamObserver<ImportSnapshotResponse> client) {
    Calls.answer(
        client,
        call ->
            ImportSnapshotResponse.newBuilder()
                .setSnapshot(
                    SnapshotEtags.shown(call.snapshots().importRecord(call.context(), request)))
                .build());
  }

  private static Place oldestFirst(Snapshot snapshot) {
    var made = snapshot.getCreateTime();
    return new Place(made.getSeconds() * NANOS + made.getNanos(), snapshot.getName());
  }
}
