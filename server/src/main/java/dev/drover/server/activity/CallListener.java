package dev.drover.server.activity;

/** Measures calls. It never blocks and never fails. */
@FunctionalInterface
public interface CallListener {

  /** A call has ended. */
  void ended(CallEnd call);
}
