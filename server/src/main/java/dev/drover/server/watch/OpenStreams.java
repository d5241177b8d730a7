package dev.drover.server.watch;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Streams and waits that would never end by themselves. The daemon ends them when it stops; without
 * that a graceful stop would wait for them until it is cut off.
 */
public final class OpenStreams {

  private final Set<Consumer<DriverException>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  /**
   * Registers a stream.
   *
   * @param end told once, from any thread, why the stream has to end
   * @return forgets the stream
   */
  public Registration add(Consumer<DriverException> end) {
    open.add(end);
    if (stopping) {
      end.accept(stopped());
    }
    return () -> open.remove(end);
  }

  /** Ends every stream, those begun from now on included. */
  public void endAll() {
    stopping = true;
    open.forEach(end -> end.accept(stopped()));
  }

  private static DriverException stopped() {
    return DriverException.of(
        ErrorReason.ERROR_REASON_DAEMON_STOPPING,
        "the daemon is stopping; connect again when it has restarted");
  }

  /** A registered stream. */
  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
