package dev.drover.test.fault;

import dev.drover.testing.v1.FaultKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The faults that are armed, and the work that faults have parked. Safe for any number of threads,
 * since events are published under locks of their own; parked work is run by {@link #clear} under
 * the caller's locks.
 */
public final class FaultPlan {

  private static final Set<FaultKind> AT_EVENTS =
      Set.of(FaultKind.FAULT_KIND_DROP_EVENT, FaultKind.FAULT_KIND_REPEAT_EVENT);

  private final List<Armed> armed = new ArrayList<>();
  private final List<Runnable> parked = new ArrayList<>();
  private long cleared;

  private static final class Armed {
    private final String step;
    private final Fault fault;
    private int remaining;

    private Armed(String step, Fault fault, int remaining) {
      this.step = step;
      this.fault = fault;
      this.remaining = remaining;
    }
  }

  /**
   * Arms a fault. Several at one step strike in the order in which they were armed.
   *
   * @param count how many times it strikes
   */
  public synchronized void arm(String step, FaultKind kind, Duration delay, int count) {
    armed.add(new Armed(step, new Fault(kind, delay), count));
  }

  /** The fault that strikes now where a step is done, used up by one. */
  public Optional<Fault> atStep(String step) {
    return strike(step, false);
  }

  /** The fault that strikes now where the event of a step is sent, used up by one. */
  public Optional<Fault> atEvent(String step) {
    return strike(step, true);
  }

  /** Keeps work until the faults are cleared. */
  public synchronized void park(Runnable work) {
    parked.add(work);
  }

  /** Counts the calls of {@link #clear}, so that a held call sees that there was another one. */
  public synchronized long cleared() {
    return cleared;
  }

  /** Disarms every fault and does the parked work in the order in which it was parked. */
  public void clear() {
    List<Runnable> released;
    synchronized (this) {
      armed.clear();
      cleared++;
      released = List.copyOf(parked);
      parked.clear();
    }
    released.forEach(Runnable::run);
  }

  private synchronized Optional<Fault> strike(String step, boolean event) {
    Optional<Armed> struck =
        armed.stream()
            .filter(candidate -> candidate.step.equals(step))
            .filter(candidate -> AT_EVENTS.contains(candidate.fault.kind()) == event)
            .findFirst();
    struck.ifPresent(
        hit -> {
          hit.remaining--;
          if (hit.remaining == 0) {
            armed.remove(hit);
          }
        });
    return struck.map(hit -> hit.fault);
  }
}
