package dev.drover.client.pki;

/** A certificate cannot be made, found or revoked; the message says why and what to do. */
public final class PkiException extends RuntimeException {

  PkiException(String message) {
    super(message);
  }

  PkiException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The message, never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
