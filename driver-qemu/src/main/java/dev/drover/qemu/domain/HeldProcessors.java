package dev.drover.qemu.domain;

import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A hold on the processors of a running QEMU. */
final class HeldProcessors implements GuestHold {

  private static final Logger logger = LoggerFactory.getLogger(HeldProcessors.class);

  private final GuestProcessors processors;
  private final String owner;
  private final Optional<Long> since;
  private Optional<Duration> pause = Optional.empty();
  private boolean released;

  /**
   * A hold that is on record.
   *
   * @param since when the processors were stopped for it; empty: they did not run
   */
  HeldProcessors(GuestProcessors processors, String owner, Optional<Long> since) {
    this.processors = processors;
    this.owner = owner;
    this.since = since;
  }

  @Override
  public boolean stopped() {
    return since.isPresent();
  }

  @Override
  public Optional<Duration> pause() {
    return pause.isPresent()
        ? pause
        : since.map(before -> Duration.ofNanos(System.nanoTime() - before));
  }

  @Override
  public void release() {
    if (released) {
      return;
    }
    released = true;
    try {
      long at = processors.release(owner);
      pause = since.map(before -> Duration.ofNanos(at - before));
    } finally {
      processors.left(owner);
    }
  }

  @Override
  public void close() {
    try {
      release();
    } catch (RuntimeException e) {
      logger.warn("The guest stays held for {} until its hypervisor answers", owner, e);
    }
  }
}
