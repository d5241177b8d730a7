package dev.drover.qemu.qmp;

/** What a block job does on an I/O error ({@code BlockdevOnError}). */
public enum OnError {
  /** Fail the job. */
  REPORT,
  /** Go on as if nothing had happened; meaningful for reads only. */
  IGNORE,
  /** Stop on a full storage, fail on anything else. */
  ENOSPC,
  /** Suspend the job until {@code job-resume}. */
  STOP,
  /** The device's own policy. */
  AUTO
}
