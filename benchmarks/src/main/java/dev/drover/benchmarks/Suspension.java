package dev.drover.benchmarks;

import java.util.List;

/**
 * A process that is stopped and continued by signals.
 *
 * @param process its number
 */
record Suspension(long process) {

  /** Stops it. */
  void stop() {
    signal("-STOP");
  }

  /** Continues it, where it still lives. */
  void go() {
    if (alive()) {
      signal("-CONT");
    }
  }

  /** Whether it lives. */
  boolean alive() {
    return ProcessHandle.of(process).map(ProcessHandle::isAlive).orElse(false);
  }

  private void signal(String signal) {
    var _ = Programs.run(List.of("kill", signal, Long.toString(process)));
  }
}
