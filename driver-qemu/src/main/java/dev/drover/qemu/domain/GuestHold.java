package dev.drover.qemu.domain;

import java.time.Duration;
import java.util.Optional;

/**
 * The processors of a guest, held for a moment. Whoever holds them releases them whatever happens;
 * where that cannot be done, since QEMU does not answer, the hold stays on record and {@link
 * GuestProcessors#releaseAbandoned} ends it later. Used by one thread at a time.
 */
public interface GuestHold extends AutoCloseable {

  /** Whether the guest ran and was stopped for this hold. */
  boolean stopped();

  /** How long the guest has been held until now, or was held; empty where it did not run. */
  Optional<Duration> pause();

  /**
   * Lets the guest go on.
   *
   * @throws dev.drover.spi.error.DriverException what a monitor command raises; the hold is on
   *     record then and is released when QEMU answers
   */
  void release();

  /** Releases it; what prevents that is logged, since the hold is ended when QEMU answers. */
  @Override
  void close();
}
