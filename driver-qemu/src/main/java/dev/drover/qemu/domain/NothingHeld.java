package dev.drover.qemu.domain;

import java.time.Duration;
import java.util.Optional;

/** The hold of a guest that is not there: nothing was stopped, and nothing is let go. */
public record NothingHeld() implements GuestHold {

  @Override
  public boolean stopped() {
    return false;
  }

  @Override
  public Optional<Duration> pause() {
    return Optional.empty();
  }

  @Override
  public void release() {}

  @Override
  public void close() {}
}
