package dev.drover.qemu.qmp;

/** QEMU's job states ({@code JobStatus}). */
public enum JobStatus {
  /** Not yet created; also any state a later QEMU may add. */
  UNDEFINED,
  /** Exists, not started. */
  CREATED,
  /** Working. */
  RUNNING,
  /** Working is suspended, by an order, by an I/O error, or briefly by a drain. */
  PAUSED,
  /** Mirror or active commit: both sides are in step, {@code job-complete} may be sent. */
  READY,
  /** {@link #READY} while a drain suspends it; to be treated as ready. */
  STANDBY,
  /** Waits for other jobs of its transaction. */
  WAITING,
  /** Waits for {@code job-finalize}; two-phase jobs stall the guest's disk meanwhile. */
  PENDING,
  /** Undoing after a cancel or failure. */
  ABORTING,
  /** Over; the outcome can be read until {@code job-dismiss}. */
  CONCLUDED,
  /** Dismissed; seen only in events. */
  NULL;

  static JobStatus of(String wireName) {
    return Fields.enumValue(JobStatus.class, wireName, UNDEFINED);
  }

  /** True when the two sides of a mirror or active commit are in step. */
  public boolean isReady() {
    return this == READY || this == STANDBY;
  }
}
