package dev.drover.test.block;

import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.World;

/**
 * The facets of disks and their jobs over one engine.
 *
 * @param blockJobs starts jobs
 * @param chainRepairs compares and repairs chains
 * @param jobs follows and ends them
 * @param groups ends several at one moment
 * @param momentCopies begins copies with a snapshot
 */
public record BlockFacets(
    TestBlockJobs blockJobs,
    TestChainRepairs chainRepairs,
    TestJobs jobs,
    TestJobGroups groups,
    MomentCopies momentCopies) {

  /**
   * Makes the facets.
   *
   * @param others ends the jobs that are no block jobs
   */
  public static BlockFacets of(World world, Machines machines, WholeDomainJobs others) {
    JobEngine engine = new JobEngine(world, machines);
    TestJobs jobs = new TestJobs(world, engine, others);
    return new BlockFacets(
        new TestBlockJobs(world, machines, engine),
        new TestChainRepairs(world, machines),
        jobs,
        new TestJobGroups(world, engine, jobs),
        new MomentCopies(world, machines, engine));
  }
}
