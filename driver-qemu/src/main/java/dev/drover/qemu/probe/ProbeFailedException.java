package dev.drover.qemu.probe;

/** A binary could not be probed: it does not start, does not answer, or is not QEMU. */
public final class ProbeFailedException extends Exception {

  /**
   * @param message names the binary and holds the end of its output
   */
  public ProbeFailedException(String message) {
    super(message);
  }

  /**
   * @param message names the binary and holds the end of its output
   * @param cause what failed
   */
  public ProbeFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
