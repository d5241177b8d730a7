package dev.drover.spi;

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

/**
 * Disks, backing chains and the jobs started on them; the facet behind {@code BlockService}.
 *
 * <p>A call that starts a job returns once the job is recorded and the hypervisor has taken it up
 * (A1), or without effect and record where it fails; where the daemon limits jobs it may also
 * return the job in the queue (R29, {@link dev.drover.spi.queue.JobQueue}). {@code validate_only}
 * runs every check and returns the job that would be recorded, without id. The same job id, or
 * request id, with the same request answers the job that exists (R1, R7).
 */
public interface BlockJobs {

  /** The disks of a domain in the order of its spec; from the model. */
  List<DomainDisk> disks(ListDisksRequest request);

  /** A disk's images; may read image headers and therefore block. */
  BackingChain chain(CallContext call, GetBackingChainRequest request);

  /** Starts a pull. */
  Job pull(CallContext call, BlockPullRequest request);

  /** Starts a commit. */
  Job commit(CallContext call, BlockCommitRequest request);

  /** Starts a copy. */
  Job copy(CallContext call, BlockCopyRequest request);

  /** Starts a pull, or with {@code copy} a copy. */
  Job rebase(CallContext call, BlockRebaseRequest request);
}
