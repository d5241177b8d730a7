package dev.drover.qemu.block;

import dev.drover.qemu.qmp.BlockJobInfo;
import java.util.Optional;

/**
 * Carries a job on, one step for each state it finds. A flow keeps nothing that matters in memory:
 * whoever comes after it, in this daemon or the next, goes on from the journal and from what QEMU
 * answers. Each step may be repeated.
 */
interface JobFlow {

  /**
   * Does what the present state asks for, if anything.
   *
   * @param host the process that runs the job
   * @param seen the job as QEMU shows it; empty: QEMU does not know it
   * @return true once the job has ended and nothing is left to do
   */
  boolean turn(BlockHost host, Optional<BlockJobInfo> seen);

  /** Closes the job where the process that ran it is gone. */
  void settleWithoutHost(HostEnd end);
}
