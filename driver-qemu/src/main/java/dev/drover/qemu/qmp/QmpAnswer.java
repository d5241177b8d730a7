package dev.drover.qemu.qmp;

/**
 * The answer to a command that was sent, for awaiting it after other commands were sent too: QEMU
 * carries the commands of one connection out in their order, so that several cost the time of one.
 * An answer that nobody awaits is dropped.
 *
 * @param <R> the command's result
 */
@FunctionalInterface
public interface QmpAnswer<R> {

  /**
   * Waits for the result, at most as long as the command's deadline says.
   *
   * @throws QmpException as {@link QmpConnection#execute(QmpCommand)} does
   */
  R await();
}
