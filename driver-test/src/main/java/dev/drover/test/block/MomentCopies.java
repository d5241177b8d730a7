package dev.drover.test.block;

import dev.drover.spi.error.DriverException;
import dev.drover.spi.snapshot.MomentCopy;
import dev.drover.test.hypervisor.Machine;
import dev.drover.test.hypervisor.Machines;
import dev.drover.test.hypervisor.World;
import dev.drover.v1.Domain;
import java.util.List;
import java.util.Optional;

/** Plans copies that begin at the moment of a snapshot (G12). */
public final class MomentCopies {

  private final World world;
  private final Machines machines;
  private final JobEngine engine;

  MomentCopies(World world, Machines machines, JobEngine engine) {
    this.world = world;
    this.machines = machines;
    this.engine = engine;
  }

  /**
   * Plans them; nothing is touched.
   *
   * @param machine what runs the domain; empty where it is shut off
   * @throws DriverException as {@code BlockCopy}
   */
  public CopyStart plan(Domain domain, Optional<Machine> machine, List<MomentCopy> wishes) {
    CopyStart start = new CopyStart(world, machines, engine, machine);
    boolean planned = false;
    try {
      for (MomentCopy wish : wishes) {
        start.plan(domain, wish);
      }
      planned = true;
      return start;
    } finally {
      if (!planned) {
        start.close();
      }
    }
  }
}
