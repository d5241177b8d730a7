package dev.drover.qemu.snapshot;

/**
 * What is going to be done to the disks of a domain, written before the first of it is done; a
 * domain has at most one.
 */
sealed interface SnapshotIntent permits CreateIntent, InsideIntent, RevertIntent {

  /** The uuid of the domain. */
  String domainUuid();
}
