package dev.drover.qemu.journal;

/**
 * How far a job has come, as the journal knows it. A step is written before the command that makes
 * it true, so that after a crash the truth is this step or the one after it.
 */
public enum JournalStep {
  /** Nothing was told to QEMU but nodes that the job will use; QEMU may have started the job. */
  INTENT,
  /** QEMU accepted the command that starts the job. */
  STARTED,
  /** Source and destination of a mirror are in step. */
  READY,
  /** How the job ends was ordered; see {@link JournalEntry#ending()}. */
  END_REQUESTED,
  /** One phase: the written node was flushed at {@code pending}; the header may be rewritten. */
  FINALIZING,
  /**
   * Two phases: both sides were equal and flushed at {@code pending}; the new root is the truth.
   */
  DECIDED,
  /**
   * The stored definition names the new chain; the old nodes may still be open. A pivot that ends
   * alone and unlinks nothing goes from {@link #DECIDED} to its end: the definition moves on in the
   * transaction that ends the job.
   */
  SETTLED,
  /**
   * Nodes that the chain no longer needs are deleted; files that are to go may be unlinked. Where
   * there are none, the job ends instead.
   */
  CLEAN,
  /** The job ended on the old chain; nodes that it had added may still be open. */
  ABORTED;

  /** True where the new chain is the one to start from if QEMU is gone (two phases). */
  public boolean decidesForNewRoot() {
    return switch (this) {
      case DECIDED, SETTLED, CLEAN -> true;
      case INTENT, STARTED, READY, END_REQUESTED, FINALIZING, ABORTED -> false;
    };
  }

  /** True where the new chain is durable and stored, whatever the kind. */
  public boolean settled() {
    return switch (this) {
      case SETTLED, CLEAN -> true;
      case INTENT, STARTED, READY, END_REQUESTED, FINALIZING, DECIDED, ABORTED -> false;
    };
  }
}
