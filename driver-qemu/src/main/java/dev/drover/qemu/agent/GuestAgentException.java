package dev.drover.qemu.agent;

/** That an agent did not do what it was asked for. */
public final class GuestAgentException extends Exception {

  private static final long serialVersionUID = 1;

  private final Kind kind;

  /** In which way. */
  public enum Kind {
    /** Its channel cannot be opened: the domain has none, or has ended. */
    NO_CHANNEL,
    /** It did not answer in time; whether it did what it was asked for is not known. */
    SILENT,
    /** It said no. */
    REFUSED,
    /** It answered what no agent answers, or too much. */
    GARBLED
  }

  GuestAgentException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  GuestAgentException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** In which way. */
  public Kind kind() {
    return kind;
  }
}
