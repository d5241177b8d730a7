package dev.drover.qemu.agent;

/** What an agent says of its guest's file systems ({@code guest-fsfreeze-status}). */
public enum FreezeStatus {
  /** They can be written. */
  THAWED,
  /** Writes wait. */
  FROZEN
}
