package dev.drover.conformance.mutant;

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

/** Starts jobs as the real facet does, except where a mistake says otherwise. */
class ForwardingBlockJobs implements BlockJobs {

  private final BlockJobs real;

  ForwardingBlockJobs(BlockJobs real) {
    this.real = real;
  }

  /** What is said of a job, in every answer. */
  protected Job told(Job answer) {
    return answer;
  }

  @Override
  public List<DomainDisk> disks(ListDisksRequest request) {
    return real.disks(request);
  }

  @Override
  public BackingChain chain(CallContext call, GetBackingChainRequest request) {
    return real.chain(call, request);
  }

  @Override
  public Job pull(CallContext call, BlockPullRequest request) {
    return told(real.pull(call, request));
  }

  @Override
  public Job commit(CallContext call, BlockCommitRequest request) {
    return told(real.commit(call, request));
  }

  @Override
  public Job copy(CallContext call, BlockCopyRequest request) {
    return told(real.copy(call, request));
  }

  @Override
  public Job rebase(CallContext call, BlockRebaseRequest request) {
    return told(real.rebase(call, request));
  }
}
