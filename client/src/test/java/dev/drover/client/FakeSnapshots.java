package dev.drover.client;

import com.google.protobuf.Timestamp;
import dev.drover.v1.CreateSnapshotRequest;
import dev.drover.v1.CreateSnapshotResponse;
import dev.drover.v1.DeleteSnapshotRequest;
import dev.drover.v1.DeleteSnapshotResponse;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetSnapshotRequest;
import dev.drover.v1.GetSnapshotResponse;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.ImportSnapshotRequest;
import dev.drover.v1.ImportSnapshotResponse;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobRequest;
import dev.drover.v1.JobState;
import dev.drover.v1.ListSnapshotsRequest;
import dev.drover.v1.ListSnapshotsResponse;
import dev.drover.v1.RevertSnapshotRequest;
import dev.drover.v1.RevertSnapshotResponse;
import dev.drover.v1.Snapshot;
import dev.drover.v1.SnapshotAction;
import dev.drover.v1.SnapshotDisk;
import dev.drover.v1.SnapshotDiskMode;
import dev.drover.v1.SnapshotPlan;
import dev.drover.v1.SnapshotServiceGrpc;
import dev.drover.v1.SnapshotStep;
import dev.drover.v1.SnapshotStepState;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Snapshots of a domain "web", in the order of their making: one, above it two and side, above two
 * three, which is current. Deletions and reverts are jobs that the test moves.
 */
public final class FakeSnapshots extends SnapshotServiceGrpc.SnapshotServiceImplBase {
  /** Id of the job that deletes or reverts. */
  public static final String JOB = "5b1f9f0e-2f61-4f53-8d0e-6a3a3b0b7c11";

  /** What every deletion plans to do. */
  public static final SnapshotPlan PLAN =
      SnapshotPlan.newBuilder()
          .addSteps(
              SnapshotStep.newBuilder()
                  .setDisk("vda")
                  .setAction(SnapshotAction.SNAPSHOT_ACTION_COMMIT)
                  .addImages(image("/images/web.one"))
                  .addImages(image("/images/web.two"))
                  .setInto(image("/images/web.qcow2"))
                  .setBytesToMove(3 << 20)
                  .setState(SnapshotStepState.SNAPSHOT_STEP_STATE_PENDING))
          .addSteps(
              SnapshotStep.newBuilder()
                  .setDisk("vdb")
                  .setAction(SnapshotAction.SNAPSHOT_ACTION_KEEP)
                  .addImages(image("/images/data.one"))
                  .setState(SnapshotStepState.SNAPSHOT_STEP_STATE_PENDING)
                  .setDetail("read by two branches"))
          .setBytesToMove(3 << 20)
          .build();

  /** Requests that arrived. */
  public final List<CreateSnapshotRequest> created = new CopyOnWriteArrayList<>();

  /** Deletions that arrived, those that only plan included. */
  public final List<DeleteSnapshotRequest> deleted = new CopyOnWriteArrayList<>();

  /** Reverts that arrived. */
  public final List<RevertSnapshotRequest> reverted = new CopyOnWriteArrayList<>();

  /** Records that were brought along. */
  public final List<ImportSnapshotRequest> imported = new CopyOnWriteArrayList<>();

  /** What the domain has. */
  public volatile List<Snapshot> snapshots =
      List.of(
          snapshot("one", ""),
          snapshot("two", "one"),
          snapshot("side", "one"),
          snapshot("three", "two").toBuilder().setCurrent(true).build());

  private final FakeJobs jobs;

  FakeSnapshots(FakeJobs jobs) {
    this.jobs = jobs;
  }

  @Override
  public void createSnapshot(
      CreateSnapshotRequest request, StreamObserver<CreateSnapshotResponse> response) {
    created.add(request);
    String name = request.getName().isEmpty() ? "1700000000" : request.getName();
    response.onNext(
        CreateSnapshotResponse.newBuilder()
            .setSnapshot(snapshot(name, ""))
            .addAllCopyJobs(
                request.getCopiesList().stream()
                    .map(
                        copy ->
                            Job.newBuilder()
                                .setId(request.getValidateOnly() ? "" : JOB)
                                .setDisk(copy.getDisk())
                                .setRequest(
                                    JobRequest.newBuilder().setDestination(copy.getDestination()))
                                .build())
                    .toList())
            .build());
    response.onCompleted();
  }

  @Override
  public void getSnapshot(
      GetSnapshotRequest request, StreamObserver<GetSnapshotResponse> response) {
    FakeDomains.answer(
        response,
        () -> GetSnapshotResponse.newBuilder().setSnapshot(find(request.getName())).build());
  }

  @Override
  public void listSnapshots(
      ListSnapshotsRequest request, StreamObserver<ListSnapshotsResponse> response) {
    response.onNext(ListSnapshotsResponse.newBuilder().addAllSnapshots(snapshots).build());
    response.onCompleted();
  }

  @Override
  public void importSnapshot(
      ImportSnapshotRequest request, StreamObserver<ImportSnapshotResponse> response) {
    imported.add(request);
    response.onNext(ImportSnapshotResponse.newBuilder().setSnapshot(request.getSnapshot()).build());
    response.onCompleted();
  }

  @Override
  public void deleteSnapshot(
      DeleteSnapshotRequest request, StreamObserver<DeleteSnapshotResponse> response) {
    deleted.add(request);
    FakeDomains.answer(
        response,
        () -> {
          Job.Builder job =
              job(JobKind.JOB_KIND_SNAPSHOT_DELETE, find(request.getName())).setSnapshotPlan(PLAN);
          if (request.getMetadataOnly()) {
            job.clearSnapshotPlan().setState(JobState.JOB_STATE_SUCCEEDED);
          }
          return DeleteSnapshotResponse.newBuilder()
              .setJob(request.getValidateOnly() ? job.clearId().build() : jobs.put(job.build()))
              .build();
        });
  }

  @Override
  public void revertSnapshot(
      RevertSnapshotRequest request, StreamObserver<RevertSnapshotResponse> response) {
    reverted.add(request);
    FakeDomains.answer(
        response,
        () ->
            RevertSnapshotResponse.newBuilder()
                .setJob(
                    jobs.put(
                        job(JobKind.JOB_KIND_SNAPSHOT_REVERT, find(request.getName())).build()))
                .build());
  }

  private Snapshot find(String name) {
    return snapshots.stream()
        .filter(snapshot -> snapshot.getName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                FakeDaemon.error(
                    ErrorReason.ERROR_REASON_SNAPSHOT_NOT_FOUND,
                    Status.Code.NOT_FOUND,
                    "Snapshot '%s' does not exist".formatted(name),
                    Map.of("snapshot", name)));
  }

  private static Job.Builder job(JobKind kind, Snapshot snapshot) {
    return Job.newBuilder()
        .setId(JOB)
        .setKind(kind)
        .setState(JobState.JOB_STATE_RUNNING)
        .setDomainName("web")
        .setSnapshot(snapshot.getName());
  }

  /** A snapshot of vda, in which vdb took no part. */
  public static Snapshot snapshot(String name, String parent) {
    return Snapshot.newBuilder()
        .setName(name)
        .setParent(parent)
        .setDomainName("web")
        .setDomainUuid(FakeDomains.uuid("web"))
        .setDomainState(DomainState.DOMAIN_STATE_RUNNING)
        .setCreateTime(Timestamp.newBuilder().setSeconds(1_700_000_000))
        .addDisks(
            SnapshotDisk.newBuilder()
                .setTarget("vda")
                .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXTERNAL)
                .setOverlay(image("/images/web." + name))
                .setFrozen(image("/images/web.qcow2")))
        .addDisks(
            SnapshotDisk.newBuilder()
                .setTarget("vdb")
                .setMode(SnapshotDiskMode.SNAPSHOT_DISK_MODE_EXCLUDED))
        .build();
  }

  private static Image image(String path) {
    return Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();
  }
}
