package dev.drover.test.block;

import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.World;

/**
 * The two facets of block jobs over one engine.
 *
 * @param blockJobs starts jobs
 * @param jobs follows and ends them
 */
public record BlockFacets(TestBlockJobs blockJobs, TestJobs jobs) {

  /** Makes the facets. */
  public static BlockFacets of(World world, Machines machines) {
    JobEngine engine = new JobEngine(world, machines);
    return new BlockFacets(new TestBlockJobs(world, machines, engine), new TestJobs(world, engine));
  }
}
