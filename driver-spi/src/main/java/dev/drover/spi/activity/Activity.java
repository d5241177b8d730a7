package dev.drover.spi.activity;

/** Work that has begun. Safe for any number of threads; only the first end counts. */
public interface Activity {

  /** One that nobody looks at. */
  Activity UNOBSERVED =
      new Activity() {
        @Override
        public void gaveUp() {}

        @Override
        public void end(Outcome outcome) {}
      };

  /** How work ended. */
  enum Outcome {
    /** As it was wanted. */
    DONE,
    /** With a refusal or a failure, which is an answer too. */
    FAILED,
    /** Nobody waited for it any more. */
    TIMED_OUT,
    /** Nobody knows: who did it is gone, or was never reached. */
    LOST
  }

  /**
   * Nobody waits for it any more, though it goes on: a hung hypervisor still has the command. It is
   * measured as {@link Outcome#TIMED_OUT} now, and shown until {@link #end}.
   */
  void gaveUp();

  /** It has ended. */
  void end(Outcome outcome);
}
