package dev.drover.test.hypervisor;

/** Hears of the end of guests while their disks are still open. */
@FunctionalInterface
public interface MachineListener {

  /** A guest ends. */
  void ending(Machine machine, EndCause cause);
}
