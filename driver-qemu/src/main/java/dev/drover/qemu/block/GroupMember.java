package dev.drover.qemu.block;

/** A job that ends at one moment with others. */
interface GroupMember {

  /** The job's record. */
  JobRecord record();

  /** Wakes the job's worker, since the group has moved on. */
  void ring();
}
