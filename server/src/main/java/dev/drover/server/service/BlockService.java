package dev.drover.server.service;

import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCommitResponse;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockCopyResponse;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockPullResponse;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.BlockRebaseResponse;
import dev.drover.v1.BlockServiceGrpc;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.GetBackingChainResponse;
import dev.drover.v1.ListDisksRequest;
import dev.drover.v1.ListDisksResponse;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.RepairChainResponse;
import dev.drover.v1.VerifyChainRequest;
import dev.drover.v1.VerifyChainResponse;
import io.grpc.stub.StreamObserver;

/** {@code drover.v1.BlockService} on the driver's {@link dev.drover.spi.BlockJobs}. */
public final class BlockService extends BlockServiceGrpc.BlockServiceImplBase {

  @Override
  public void listDisks(ListDisksRequest request, StreamObserver<ListDisksResponse> client) {
    Calls.answer(
        client,
        call ->
            ListDisksResponse.newBuilder().addAllDisks(call.blockJobs().disks(request)).build());
  }

  @Override
  public void getBackingChain(
      GetBackingChainRequest request, StreamObserver<GetBackingChainResponse> client) {
    Calls.answer(
        client,
        call ->
            GetBackingChainResponse.newBuilder()
                .setChain(call.blockJobs().chain(call.context(), request))
                .build());
  }

  @Override
  public void verifyChain(VerifyChainRequest request, StreamObserver<VerifyChainResponse> client) {
    Calls.answer(
        client,
        call ->
            VerifyChainResponse.newBuilder()
                .setVerification(call.chainRepairs().verify(call.context(), request))
                .build());
  }

  @Override
  public void repairChain(RepairChainRequest request, StreamObserver<RepairChainResponse> client) {
    Calls.answer(client, call -> call.chainRepairs().repair(call.context(), request));
  }

  @Override
  public void blockPull(BlockPullRequest request, StreamObserver<BlockPullResponse> client) {
    Calls.answer(
        client,
        call ->
            BlockPullResponse.newBuilder()
                .setJob(call.blockJobs().pull(call.context(), request))
                .build());
  }

  @Override
  public void blockCommit(BlockCommitRequest request, StreamObserver<BlockCommitResponse> client) {
    Calls.answer(
        client,
        call ->
            BlockCommitResponse.newBuilder()
                .setJob(call.blockJobs().commit(call.context(), request))
                .build());
  }

  @Override
  public void blockCopy(BlockCopyRequest request, StreamObserver<BlockCopyResponse> client) {
    Calls.answer(
        client,
        call ->
            BlockCopyResponse.newBuilder()
                .setJob(call.blockJobs().copy(call.context(), request))
                .build());
  }

  @Override
  public void blockRebase(BlockRebaseRequest request, StreamObserver<BlockRebaseResponse> client) {
    Calls.answer(
        client,
        call ->
            BlockRebaseResponse.newBuilder()
                .setJob(call.blockJobs().rebase(call.context(), request))
                .build());
  }
}
