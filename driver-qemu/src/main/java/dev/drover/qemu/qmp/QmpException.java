package dev.drover.qemu.qmp;

/**
 * A command did not deliver a result. The subtype says what is known about it: QEMU refused it,
 * this layer refused it, its answer made no sense, or nobody knows.
 */
public abstract sealed class QmpException extends RuntimeException
    permits QmpCommandException,
        QmpConnectionLostException,
        QmpProtocolException,
        QmpRefusedException,
        QmpTimeoutException,
        QmpInterruptedException {
  QmpException(String message) {
    super(message);
  }

  QmpException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Whether QEMU may have carried out the command, or may still do so. False means that it
   * certainly changed nothing.
   */
  public abstract boolean mayHaveRun();
}
