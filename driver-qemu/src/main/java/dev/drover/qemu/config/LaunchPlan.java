package dev.drover.qemu.config;

import dev.drover.qemu.image.DiskGraph;
import dev.drover.v1.Acceleration;
import dev.drover.v1.DomainSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything a command line is made of.
 *
 * @param binary the QEMU program
 * @param spec the domain, with its defaults filled in
 * @param acceleration TCG or KVM, decided
 * @param files the files of this run
 * @param disks graph of each disk, in the order of the spec
 * @param restored whether QEMU waits for the guest's memory on {@link RunFiles#memorySink}
 */
public record LaunchPlan(
    Path binary,
    DomainSpec spec,
    Acceleration acceleration,
    RunFiles files,
    List<DiskGraph> disks,
    boolean restored) {

  /** Copies the list. */
  public LaunchPlan {
    disks = List.copyOf(disks);
  }
}
