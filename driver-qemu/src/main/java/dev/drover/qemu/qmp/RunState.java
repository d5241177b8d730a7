package dev.drover.qemu.qmp;

/** What the whole machine is doing ({@code RunState}). */
public enum RunState {
  /** Stopped by a debugger. */
  DEBUG,
  /** Waits for an incoming migration. */
  INMIGRATE,
  /** QEMU failed inside; must be ended. */
  INTERNAL_ERROR,
  /** Stopped by an I/O error on a disk. */
  IO_ERROR,
  /** Stopped by an order. */
  PAUSED,
  /** Migrated away. */
  POSTMIGRATE,
  /** Started with vCPUs held, never run. */
  PRELAUNCH,
  /** Last phase of a migration. */
  FINISH_MIGRATE,
  /** Restoring a snapshot. */
  RESTORE_VM,
  /** Running. */
  RUNNING,
  /** Saving a snapshot. */
  SAVE_VM,
  /** The guest powered off and QEMU was told to stay. */
  SHUTDOWN,
  /** The guest is in ACPI S3. */
  SUSPENDED,
  /** A watchdog fired. */
  WATCHDOG,
  /** The guest kernel panicked. */
  GUEST_PANICKED,
  /** Managed by COLO. */
  COLO,
  /** A state that a later QEMU added. */
  UNKNOWN;

  static RunState of(String wireName) {
    return Fields.enumValue(RunState.class, wireName, UNKNOWN);
  }
}
