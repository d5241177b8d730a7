package dev.drover.server.tls;

/** The files of {@code [tls]} cannot be used as they are; the message says which and why. */
public final class TlsException extends Exception {

  private static final long serialVersionUID = 1L;

  TlsException(String message) {
    super(message);
  }

  TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}
