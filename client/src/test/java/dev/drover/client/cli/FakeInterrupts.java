package dev.drover.client.cli;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Ctrl-C under the test's finger. */
final class FakeInterrupts implements Interrupts {
  private final List<Runnable> actions = new CopyOnWriteArrayList<>();

  @Override
  public Registration onInterrupt(Runnable action) {
    actions.add(action);
    return () -> actions.remove(action);
  }

  /** True where somebody listens. */
  boolean awaited() {
    return !actions.isEmpty();
  }

  void press() {
    actions.forEach(Runnable::run);
  }
}
