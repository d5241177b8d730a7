package dev.drover.client;

import dev.drover.v1.BackingChain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCommitResponse;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockCopyResponse;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockPullResponse;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.ChainDifference;
import dev.drover.v1.ChainImage;
import dev.drover.v1.ChainVerification;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.GetBackingChainResponse;
import dev.drover.v1.Image;
import dev.drover.v1.ImageFormat;
import dev.drover.v1.Job;
import dev.drover.v1.JobKind;
import dev.drover.v1.JobState;
import dev.drover.v1.ListDisksRequest;
import dev.drover.v1.ListDisksResponse;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.RepairChainResponse;
import dev.drover.v1.VerifyChainRequest;
import dev.drover.v1.VerifyChainResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** One disk, vda, with two overlays on a raw base; a started job is called "job-1". */
public final class FakeBlocks extends BlockServiceGrpc.BlockServiceImplBase {
  /** Id of every job started here. */
  public static final String JOB = "job-1";

  private final FakeJobs jobs;

  /** Commits that arrived. */
  public final List<BlockCommitRequest> commits = new CopyOnWriteArrayList<>();

  /** Pulls that arrived. */
  public final List<BlockPullRequest> pulls = new CopyOnWriteArrayList<>();

  /** Copies that arrived. */
  public final List<BlockCopyRequest> copies = new CopyOnWriteArrayList<>();

  /** Repairs that arrived. */
  public final List<RepairChainRequest> repairs = new CopyOnWriteArrayList<>();

  /** The comparison of vda's chain. */
  public volatile ChainVerification verification =
      ChainVerification.newBuilder().setDisk("vda").setConsistent(true).build();

  private volatile String holder = "";

  FakeBlocks(FakeJobs jobs) {
    this.jobs = jobs;
  }

  /** Lets a job hold the disk; empty: none. */
  public void hold(String job) {
    holder = job;
  }

  private Job started(JobKind kind) {
    return jobs.put(
        Job.newBuilder()
            .setId(JOB)
            .setKind(kind)
            .setState(JobState.JOB_STATE_RUNNING)
            .setDomainName("web")
            .setDisk("vda")
            .build());
  }

  @Override
  public void listDisks(ListDisksRequest request, StreamObserver<ListDisksResponse> response) {
    response.onNext(
        ListDisksResponse.newBuilder()
            .addDisks(
                DomainDisk.newBuilder()
                    .setTarget("vda")
                    .setSource(image("/images/two.qcow2"))
                    .setJobId(holder))
            .addDisks(DomainDisk.newBuilder().setTarget("sda"))
            .build());
    response.onCompleted();
  }

  private static Image image(String path) {
    return Image.newBuilder().setPath(path).setFormat(ImageFormat.IMAGE_FORMAT_QCOW2).build();
  }

  @Override
  public void getBackingChain(
      GetBackingChainRequest request, StreamObserver<GetBackingChainResponse> response) {
    if (!List.of("vda", "/images/two.qcow2").contains(request.getDisk())) {
      response.onError(
          FakeDaemon.error(
              ErrorReason.ERROR_REASON_DISK_NOT_FOUND,
              Status.Code.INVALID_ARGUMENT,
              "Disk '%s' not found in domain; 'domblklist' shows its disks"
                  .formatted(request.getDisk()),
              Map.of("disk", request.getDisk())));
      return;
    }
    response.onNext(
        GetBackingChainResponse.newBuilder()
            .setChain(
                BackingChain.newBuilder()
                    .setDisk("vda")
                    .addImages(link(0, "/images/two.qcow2", ImageFormat.IMAGE_FORMAT_QCOW2, 196608))
                    .addImages(
                        link(1, "/images/one.qcow2", ImageFormat.IMAGE_FORMAT_QCOW2, 1 << 20))
                    .addImages(link(2, "/images/base.raw", ImageFormat.IMAGE_FORMAT_RAW, 0)))
            .build());
    response.onCompleted();
  }

  @Override
  public void verifyChain(
      VerifyChainRequest request, StreamObserver<VerifyChainResponse> response) {
    response.onNext(VerifyChainResponse.newBuilder().setVerification(verification).build());
    response.onCompleted();
  }

  @Override
  public void repairChain(
      RepairChainRequest request, StreamObserver<RepairChainResponse> response) {
    repairs.add(request);
    List<ChainDifference> repaired = verification.getDifferencesList();
    if (!request.getValidateOnly()) {
      verification = verification.toBuilder().clearDifferences().setConsistent(true).build();
    }
    response.onNext(
        RepairChainResponse.newBuilder()
            .addAllRepaired(repaired)
            .setVerification(verification)
            .build());
    response.onCompleted();
  }

  private static ChainImage link(int index, String path, ImageFormat format, long allocated) {
    return ChainImage.newBuilder()
        .setIndex(index)
        .setPath(path)
        .setFormat(format)
        .setVirtualSizeBytes(10L << 30)
        .setAllocatedBytes(allocated)
        .build();
  }

  @Override
  public void blockCommit(
      BlockCommitRequest request, StreamObserver<BlockCommitResponse> response) {
    commits.add(request);
    response.onNext(
        BlockCommitResponse.newBuilder()
            .setJob(
                started(
                    request.getActive() ? JobKind.JOB_KIND_ACTIVE_COMMIT : JobKind.JOB_KIND_COMMIT))
            .build());
    response.onCompleted();
  }

  @Override
  public void blockPull(BlockPullRequest request, StreamObserver<BlockPullResponse> response) {
    pulls.add(request);
    response.onNext(BlockPullResponse.newBuilder().setJob(started(JobKind.JOB_KIND_PULL)).build());
    response.onCompleted();
  }

  @Override
  public void blockCopy(BlockCopyRequest request, StreamObserver<BlockCopyResponse> response) {
    copies.add(request);
    response.onNext(BlockCopyResponse.newBuilder().setJob(started(JobKind.JOB_KIND_COPY)).build());
    response.onCompleted();
  }
}
