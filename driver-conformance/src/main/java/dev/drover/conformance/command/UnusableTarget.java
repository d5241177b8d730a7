package dev.drover.conformance.command;

/** A run that cannot be made: the message says why, and what to do. */
final class UnusableTarget extends RuntimeException {
  UnusableTarget(String message) {
    super(message);
  }

  UnusableTarget(String message, Throwable cause) {
    super(message, cause);
  }
}
