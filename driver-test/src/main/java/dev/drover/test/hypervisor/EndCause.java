package dev.drover.test.hypervisor;

/** Why a guest has ended. */
public enum EndCause {
  /** It powered off. */
  POWERED_OFF,
  /** A caller ended it by force. */
  DESTROYED,
  /** Its hypervisor crashed. */
  CRASHED
}
