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
   * The case failed.
   *
   * @param message why
   */
  record Failed(String message) implements Outcome {}
}
