package dev.drover.spi.queue;

import dev.drover.spi.BlockJobs;
import dev.drover.spi.CallContext;
import dev.drover.v1.BackingChain;
import dev.drover.v1.BlockCommitRequest;
import dev.drover.v1.BlockCopyRequest;
import dev.drover.v1.BlockPullRequest;
import dev.drover.v1.BlockRebaseRequest;
import dev.drover.v1.DomainDisk;
import dev.drover.v1.GetBackingChainRequest;
import dev.drover.v1.Job;
import dev.drover.v1.ListDisksRequest;
import java.util.List;

/** The facet of a driver's disks, whose jobs wait for a place where limits want it (R29). */
public final class QueuedBlockJobs implements BlockJobs {

  private final BlockJobs disks;
  private final JobQueue queue;

  /**
   * Puts a queue before a driver's facet.
   *
   * @param disks reads disks and chains
   * @param queue starts the jobs
   */
  public QueuedBlockJobs(BlockJobs disks, JobQueue queue) {
    this.disks = disks;
    this.queue = queue;
  }

  @Override
  public List<DomainDisk> disks(ListDisksRequest request) {
    return disks.disks(request);
  }

  @Override
  public BackingChain chain(CallContext call, GetBackingChainRequest request) {
    return disks.chain(call, request);
  }

  @Override
  public Job pull(CallContext call, BlockPullRequest request) {
    return queue.start(call, new StartRequest.Pull(request));
  }

  @Override
  public Job commit(CallContext call, BlockCommitRequest request) {
    return queue.start(call, new StartRequest.Commit(request));
  }

  @Override
  public Job copy(CallContext call, BlockCopyRequest request) {
    return queue.start(call, new StartRequest.Copy(request));
  }

  @Override
  public Job rebase(CallContext call, BlockRebaseRequest request) {
    return queue.start(call, new StartRequest.Rebase(request));
  }
}
