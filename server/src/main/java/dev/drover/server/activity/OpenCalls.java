package dev.drover.server.activity;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The calls that have not ended. */
public final class OpenCalls {

  private final List<CallListener> listeners;
  private final Set<Supplier<OngoingCall>> open = ConcurrentHashMap.newKeySet();

  /** Makes the register of a daemon. */
  public OpenCalls(List<CallListener> listeners) {
    this.listeners = List.copyOf(listeners);
  }

  /**
   * Enters a call.
   *
   * @param look tells what is known of the call at the moment; an object of its own for each call
   */
  public void began(Supplier<OngoingCall> look) {
    open.add(look);
  }

  /** Forgets a call that was entered, and tells how it ended. */
  public void ended(Supplier<OngoingCall> look, CallEnd end) {
    open.remove(look);
    listeners.forEach(listener -> listener.ended(end));
  }

  /** What has not ended, in no particular order. */
  public List<OngoingCall> list() {
    return open.stream().map(Supplier::get).toList();
  }
}
