package dev.drover.qemu.journal;

/** How a job is to end, as a caller or the request that started it has ordered. */
public enum JobEnding {
  /** Nothing was ordered: the job ends by itself, or waits in READY. */
  NONE,
  /** The disk goes over to the new image. */
  PIVOT,
  /** The disk stays; the other image holds the state of the end. */
  KEEP,
  /** The job is given up; where it was in step, the other image holds the state of the end. */
  CANCEL
}
