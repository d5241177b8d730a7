package dev.drover.server.state;

/**
 * The daemon cannot use its directories, its socket or its database; the message says what to do.
 */
public final class StateException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Makes a failure. */
  public StateException(String message) {
    super(message);
  }

  /** Makes a failure with what caused it. */
  public StateException(String message, Throwable cause) {
    super(message, cause);
  }
}
