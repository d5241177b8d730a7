package dev.drover.qemu.qmp;

/**
 * The waiting thread was interrupted; its interrupt flag is set again. The command goes on, and its
 * answer is dropped.
 */
public final class QmpInterruptedException extends QmpException {
  /**
   * @param command name of the command, or what was waited for
   * @param cause the interruption
   */
  public QmpInterruptedException(String command, InterruptedException cause) {
    super("interrupted while waiting for " + command, cause);
  }

  @Override
  public boolean mayHaveRun() {
    return true;
  }
}
