package dev.drover.qemu.domain;

/**
 * How a domain's QEMU ended.
 *
 * @param cause why
 * @param detail for people: the end of QEMU's own output after a crash, what is left of a process
 *     that the kernel cannot let go of yet, else empty
 */
public record DomainEnd(Cause cause, String detail) {

  /** Why a domain's QEMU ended. */
  public enum Cause {
    /** The guest powered off, or QEMU ended in good order. */
    SHUTDOWN,
    /** A caller ended it by force. */
    DESTROYED,
    /** The process ended unexpectedly; its images are as the crash left them. */
    CRASHED
  }
}
