package dev.drover.qemu.process;

import java.util.OptionalInt;

/**
 * How a process ended.
 *
 * @param exitCode its exit code, 128 + n when signal n ended it; absent for a process that was
 *     adopted, as the system tells it to the parent only
 * @param outputTail the last of what it printed, at most 4 KiB
 */
public record ProcessExit(OptionalInt exitCode, String outputTail) {

  /** A sentence for people, without the output. */
  public String describe() {
    if (exitCode.isEmpty()) {
      return "it ended, its exit code is not known because the daemon was restarted meanwhile";
    }
    int code = exitCode.getAsInt();
    return code > 128 && code <= 128 + 64
        ? "signal %d ended it".formatted(code - 128)
        : "it ended with exit code %d".formatted(code);
  }
}
