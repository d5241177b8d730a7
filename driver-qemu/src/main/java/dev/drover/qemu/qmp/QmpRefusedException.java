package dev.drover.qemu.qmp;

/**
 * This layer did not send the command because QEMU would crash on it, or because the connection is
 * not in a state to take it.
 */
public final class QmpRefusedException extends QmpException {
  private final String command;

  /**
   * @param command name of the command
   * @param reason why it was not sent, and what to do first
   */
  public QmpRefusedException(String command, String reason) {
    super("%s was not sent: %s".formatted(command, reason));
    this.command = command;
  }

  /** Name of the command. */
  public String command() {
    return command;
  }

  @Override
  public boolean mayHaveRun() {
    return false;
  }
}
