package dev.drover.spi;

import dev.drover.v1.ChainVerification;
import dev.drover.v1.RepairChainRequest;
import dev.drover.v1.RepairChainResponse;
import dev.drover.v1.VerifyChainRequest;

/**
 * Comparison and repair of backing chains; the facet behind {@code VerifyChain} and {@code
 * RepairChain}, whose presence is CAPABILITY_CHAIN_REPAIR (R8). Neither ever deletes a file or
 * guesses: what has no unambiguous repair is only told.
 */
public interface ChainRepairs {

  /**
   * Compares definition, hypervisor and headers, on running, paused and shut-off domains; reads
   * headers and may therefore block. A missing or unreadable image is a difference, not an error.
   */
  ChainVerification verify(CallContext call, VerifyChainRequest request);

  /**
   * Applies what {@link #verify} proposes, or with {@code validate_only} only tells it. Refused
   * with BLOCK_COPY_ACTIVE or BLOCK_JOB_ACTIVE while a job holds the disk. Repeating it changes
   * nothing.
   */
  RepairChainResponse repair(CallContext call, RepairChainRequest request);
}
