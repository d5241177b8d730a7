package dev.drover.test.hypervisor;

/** What a guest was asked to do and has not done yet. */
public enum PowerRequest {
  /** Nothing. */
  NONE,
  /** To power off. */
  SHUTDOWN,
  /** To reboot. */
  REBOOT
}
