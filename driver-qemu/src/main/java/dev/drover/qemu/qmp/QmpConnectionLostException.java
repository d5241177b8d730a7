package dev.drover.qemu.qmp;

import java.util.Optional;

/**
 * The connection ended before the answer came. When {@link #mayHaveRun()} is true the command had
 * been sent, and only looking at QEMU again, or at its images when it is gone, can tell what
 * happened.
 */
public final class QmpConnectionLostException extends QmpException {
  private final String command;
  private final String reason;
  private final boolean mayHaveRun;

  /**
   * @param command name of the command that waited; empty when none did
   * @param reason why the connection ended
   * @param mayHaveRun whether the whole command had reached the socket
   * @param cause the underlying failure, if there was one
   */
  public QmpConnectionLostException(
      String command, String reason, boolean mayHaveRun, Optional<Throwable> cause) {
    super(message(command, reason, mayHaveRun));
    if (cause.isPresent()) {
      initCause(cause.get());
    }
    this.command = command;
    this.reason = reason;
    this.mayHaveRun = mayHaveRun;
  }

  private static String message(String command, String reason, boolean mayHaveRun) {
    if (command.isEmpty()) {
      return "QMP connection ended: " + reason;
    }
    return mayHaveRun
        ? "QMP connection ended while %s was in flight, it is unknown whether it ran: %s"
            .formatted(command, reason)
        : "QMP connection ended before %s was sent: %s".formatted(command, reason);
  }

  /** Name of the command that waited; empty when none did. */
  public String command() {
    return command;
  }

  /** Why the connection ended. */
  public String reason() {
    return reason;
  }

  @Override
  public boolean mayHaveRun() {
    return mayHaveRun;
  }
}
