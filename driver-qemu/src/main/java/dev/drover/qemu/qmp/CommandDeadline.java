package dev.drover.qemu.qmp;

import java.time.Duration;

/**
 * The deadline table: how long a command may stay unanswered before its caller is told so. It is
 * the only place where such times are written. A deadline that passes says nothing about whether
 * the command ran; it says that this QEMU is not answering.
 */
public enum CommandDeadline {
  /** Capability negotiation. A starting QEMU greets within 60 ms; the rest is a loaded host. */
  HANDSHAKE(Duration.ofSeconds(10)),
  /** Answered from QEMU's memory in its main loop: status, jobs, CPUs, statistics. */
  QUERY(Duration.ofSeconds(5)),
  /** Questions that ask the storage too, such as allocated sizes, and may wait for it. */
  STORAGE_QUERY(Duration.ofSeconds(15)),
  /** Changes of a flag or a counter: speed, pause, cancel request, dismiss, balloon target. */
  CONTROL(Duration.ofSeconds(10)),
  /** Opens or closes images, takes image locks, or starts a job, which drains the disk first. */
  GRAPH_CHANGE(Duration.ofSeconds(30)),
  /** Waits until guest I/O in flight is done or flushed: stop, finalize, complete. */
  DRAIN(Duration.ofSeconds(60)),
  /** Orders that QEMU acknowledges before it acts on them: quit, power button, reset. */
  RUN_CONTROL(Duration.ofSeconds(10)),
  /** Human monitor commands, whose work is not known here. */
  HUMAN_MONITOR(Duration.ofSeconds(30)),
  /** Out-of-band commands; they must not wait for anything. */
  OUT_OF_BAND(Duration.ofSeconds(2)),
  /** The schema: 230 kB built and sent at once. */
  SCHEMA(Duration.ofSeconds(10));

  private final Duration duration;

  CommandDeadline(Duration duration) {
    this.duration = duration;
  }

  /** The longest time a command of this class may stay unanswered. */
  public Duration duration() {
    return duration;
  }
}
