package dev.drover.conformance.bench;

/** States of a domain in which block operations must work alike (R15). */
public enum PowerState {
  /** The guest's processors run. */
  RUNNING,
  /** The guest's processors are held. */
  PAUSED
}
