package dev.drover.qemu.qmp;

/** The result of a command for which QEMU answers only that it accepted it ({@code {}}). */
public enum Acknowledged {
  /** The one value. */
  ACKNOWLEDGED
}
