package dev.drover.qemu.qmp;

/**
 * The peer sent something that is not QMP, or an answer without a field that the schema promises.
 */
public final class QmpProtocolException extends QmpException {
  /**
   * @param message what was wrong
   */
  public QmpProtocolException(String message) {
    super(message);
  }

  /**
   * @param message what was wrong
   * @param cause the parser's complaint
   */
  public QmpProtocolException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public boolean mayHaveRun() {
    return true;
  }
}
