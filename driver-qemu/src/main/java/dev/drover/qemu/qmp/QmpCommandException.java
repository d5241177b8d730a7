package dev.drover.qemu.qmp;

/** QEMU executed nothing and answered an error. */
public final class QmpCommandException extends QmpException {
  private final String command;
  private final String errorClass;
  private final String description;

  /**
   * @param command name of the command
   * @param errorClass QEMU's error class, for example {@code GenericError} or {@code
   *     DeviceNotFound}
   * @param description QEMU's text
   */
  public QmpCommandException(String command, String errorClass, String description) {
    super("QEMU refused %s: %s (%s)".formatted(command, description, errorClass));
    this.command = command;
    this.errorClass = errorClass;
    this.description = description;
  }

  /** Name of the command that was refused. */
  public String command() {
    return command;
  }

  /** QEMU's error class; {@code GenericError} for most. */
  public String errorClass() {
    return errorClass;
  }

  /** QEMU's own text. */
  public String description() {
    return description;
  }

  /** True when QEMU says that it does not know the command. */
  public boolean isCommandNotFound() {
    return errorClass.equals("CommandNotFound");
  }

  /** True when QEMU says that the device or job named in the command does not exist. */
  public boolean isDeviceNotFound() {
    return errorClass.equals("DeviceNotFound");
  }

  @Override
  public boolean mayHaveRun() {
    return false;
  }
}
