package dev.drover.qemu.process;

import java.util.OptionalInt;

/**
 * How a process ended.
 *
 * @param exitCode its exit code, 128 + n when signal n ended it; absent for a process that was
 *     adopted, as the system tells it to the parent only
 * @param outputTail the last of what it printed, at most 4 KiB
 * @param lingers true where the program is gone for good, killed and without memory, and the kernel
 *     has yet to close its files, which it cannot while their file system does not answer
 */
public record ProcessExit(OptionalInt exitCode, String outputTail, boolean lingers) {

  /** A process of which nothing is left. */
  public ProcessExit(OptionalInt exitCode, String outputTail) {
    this(exitCode, outputTail, false);
  }

  /** A sentence for people, without the output. */
  public String describe() {
    if (lingers) {
      return "it was killed; the kernel closes its files once their file system answers";
    }
    if (exitCode.isEmpty()) {
      return "it ended, its exit code is not known because the daemon was restarted meanwhile";
    }
    int code = exitCode.getAsInt();
    return code > 128 && code <= 128 + 64
        ? "signal %d ended it".formatted(code - 128)
        : "it ended with exit code %d".formatted(code);
  }
}
