package dev.drover.qemu.qmp;

/** How guest writes reach a mirror's target ({@code MirrorCopyMode}). */
public enum MirrorCopyMode {
  /** Marked dirty and copied later. */
  BACKGROUND,
  /** Written to both sides before the guest is told; converges under any load. */
  WRITE_BLOCKING
}
