package dev.drover.qemu.qmp;

import dev.drover.spi.DurationWords;
import java.time.Duration;

/**
 * QEMU did not answer within the deadline. The connection stays usable; a late answer is dropped.
 */
public final class QmpTimeoutException extends QmpException {
  private final String command;
  private final Duration deadline;
  private final boolean mayHaveRun;

  /**
   * @param command name of the command, or what was waited for
   * @param deadline the time that passed
   * @param mayHaveRun false when the command was withdrawn before a byte of it was sent
   */
  public QmpTimeoutException(String command, Duration deadline, boolean mayHaveRun) {
    super(
        "QEMU did not answer %s within %s%s"
            .formatted(
                command,
                DurationWords.of(deadline),
                mayHaveRun ? "; it is unknown whether it ran" : "; it was not sent"));
    this.command = command;
    this.deadline = deadline;
    this.mayHaveRun = mayHaveRun;
  }

  /** Name of the command, or what was waited for. */
  public String command() {
    return command;
  }

  /** The deadline that passed. */
  public Duration deadline() {
    return deadline;
  }

  @Override
  public boolean mayHaveRun() {
    return mayHaveRun;
  }
}
