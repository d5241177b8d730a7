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
import java.util.function.UnaryOperator;

/** Starts jobs as the real facet does, except where a mistake says otherwise. */
class ForwardingBlockJobs implements BlockJobs {

  private final BlockJobs real;
  private final UnaryOperator<Job> told;

  ForwardingBlockJobs(BlockJobs real) {
    this(real, UnaryOperator.identity());
  }

  /**
   * The same, with something else said of jobs.
   *
   * @param told what is said of a job, in every answer
   */
  ForwardingBlockJobs(BlockJobs real, UnaryOperator<Job> told) {
    this.real = real;
    this.told = told;
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
    return told.apply(real.pull(call, request));
  }

  @Override
  public Job commit(CallContext call, BlockCommitRequest request) {
    return told.apply(real.commit(call, request));
  }

  @Override
  public Job copy(CallContext call, BlockCopyRequest request) {
    return told.apply(real.copy(call, request));
  }

  @Override
  public Job rebase(CallContext call, BlockRebaseRequest request) {
    return told.apply(real.rebase(call, request));
  }
}
