package dev.drover.qemu.qmp;

/** What a mirror copies ({@code MirrorSyncMode}). */
public enum MirrorSync {
  /** What the top layer holds; the target shares the backing file. */
  TOP,
  /** Everything the guest sees. */
  FULL,
  /** Only writes that arrive from now on. */
  NONE
}
