package dev.drover.server.fake;

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
import dev.drover.v1.JobState;
import dev.drover.v1.ListDisksRequest;
import java.util.List;

/** Block jobs of a {@link FakeDriver}. */
record FakeBlockJobs(FakeDriver driver) implements BlockJobs {

  @Override
  public List<DomainDisk> disks(ListDisksRequest request) {
    return List.of(DomainDisk.newBuilder().setTarget("vda").build());
  }

  @Override
  public BackingChain chain(CallContext call, GetBackingChainRequest request) {
    driver.called("chain", call, request);
    return BackingChain.newBuilder().setDisk(request.getDisk()).build();
  }

  @Override
  public Job pull(CallContext call, BlockPullRequest request) {
    driver.called("pull", call, request);
    return FakeDriver.job("job", JobState.JOB_STATE_RUNNING);
  }

  @Override
  public Job commit(CallContext call, BlockCommitRequest request) {
    driver.called("commit", call, request);
    return FakeDriver.job("job", JobState.JOB_STATE_RUNNING);
  }

  @Override
  public Job copy(CallContext call, BlockCopyRequest request) {
    driver.called("copy", call, request);
    return FakeDriver.job("job", JobState.JOB_STATE_RUNNING);
  }

  @Override
  public Job rebase(CallContext call, BlockRebaseRequest request) {
    driver.called("rebase", call, request);
    return FakeDriver.job("job", JobState.JOB_STATE_RUNNING);
  }
}
