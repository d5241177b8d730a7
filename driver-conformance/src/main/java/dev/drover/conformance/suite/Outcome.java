package dev.drover.conformance.suite;

/** How a case ended. */
public sealed interface Outcome {

  /** What the case shows, holds. */
  record Passed() implements Outcome {}

  /**
   * The driver does not declare what the case needs, and refuses as documented.
   *
   * @param reason capability and refusal, for people
   */
  record DeclaredUnsupported(String reason) implements Outcome {}

  /**
   * The daemon's configuration puts what the case shows out of its reach.
   *
   * @param what that, for people
   */
  record BeyondReach(String what) implements Outcome {

    /** How a summary tells of them; empty where there are none. */
    public static String counted(long cases) {
      return cases == 0 ? "" : ", %d out of reach".formatted(cases);
    }
  }

  /**
   * The case failed.
   *
   * @param message why
   */
  record Failed(String message) implements Outcome {}
}
