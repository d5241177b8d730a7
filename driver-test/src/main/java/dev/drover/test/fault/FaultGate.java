package dev.drover.test.fault;

import dev.drover.spi.CallContext;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.activity.Activity;
import dev.drover.spi.activity.Work;
import dev.drover.spi.error.DriverException;
import dev.drover.test.clock.VirtualClock;
import dev.drover.test.clock.WorldLock;
import dev.drover.v1.ErrorReason;
import java.time.Duration;
import java.util.Optional;

/**
 * Where a call meets the faults of its steps. Under the {@link WorldLock}, which is given up while
 * a fault holds the call: who passes must look at the world again.
 */
public final class FaultGate {

  private final WorldLock lock;
  private final VirtualClock clock;
  private final FaultPlan plan;
  private final Activities activities;
  private int released;

  /**
   * Makes the gate of a plan.
   *
   * @param activities hears of every step that a fault holds, as of a command without an answer
   */
  public FaultGate(WorldLock lock, VirtualClock clock, FaultPlan plan, Activities activities) {
    this.lock = lock;
    this.clock = clock;
    this.plan = plan;
    this.activities = activities;
  }

  /** What the call does after it has passed. */
  public enum Passage {
    /** It goes on. */
    PROCEED,
    /** The hypervisor has crashed under it. */
    CRASH
  }

  /**
   * Lets a call through the step of a name.
   *
   * @throws DriverException INJECTED_FAULT, NO_SPACE, DEADLINE_EXCEEDED or CALL_CANCELLED
   */
  public Passage pass(CallContext call, String step) {
    return pass(call, new Work.Command("", "", step));
  }

  /**
   * The same for a step that is done for one domain.
   *
   * @param command the step as a command to the hypervisor of that domain
   */
  public Passage pass(CallContext call, Work.Command command) {
    String step = command.command();
    Optional<Fault> struck = plan.atStep(step);
    if (struck.isEmpty()) {
      return Passage.PROCEED;
    }
    Fault fault = struck.get();
    return switch (fault.kind()) {
      case FAULT_KIND_ERROR ->
          throw DriverException.of(
              ErrorReason.ERROR_REASON_INJECTED_FAULT,
              "step '%s' failed because a fault was injected; try again".formatted(step),
              "step",
              step);
      case FAULT_KIND_DISK_FULL ->
          throw DriverException.of(
              ErrorReason.ERROR_REASON_NO_SPACE,
              "the test host's disk is full at step '%s'; clear the faults".formatted(step),
              "path",
              "/");
      case FAULT_KIND_DELAY -> {
        delay(call, fault.delay(), command);
        yield Passage.PROCEED;
      }
      case FAULT_KIND_HANG -> {
        hang(call, command);
        yield Passage.PROCEED;
      }
      case FAULT_KIND_HYPERVISOR_CRASH -> Passage.CRASH;
      case FAULT_KIND_DROP_EVENT, FAULT_KIND_REPEAT_EVENT, FAULT_KIND_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalStateException("%s cannot strike a call".formatted(fault.kind()));
    };
  }

  /** What somebody who was asked has done by the end of a time. */
  public enum Answer {
    /** What it was asked for. */
    DONE,
    /** It refused. */
    REFUSED,
    /** Nothing yet. */
    LATE
  }

  /**
   * Asks for the step of a name, and waits for the answer no longer than a limit of virtual time.
   * Under a fault ERROR it is refused; under HANG, and under DELAY beyond the limit, it is late.
   *
   * @throws DriverException DEADLINE_EXCEEDED or CALL_CANCELLED
   */
  public Answer ask(CallContext call, String step, Duration limit) {
    Optional<Fault> struck = plan.atStep(step);
    if (struck.isEmpty()) {
      return Answer.DONE;
    }
    Fault fault = struck.get();
    Work.Command command = new Work.Command("", "", step);
    return switch (fault.kind()) {
      case FAULT_KIND_ERROR -> Answer.REFUSED;
      case FAULT_KIND_DELAY -> {
        boolean late = fault.delay().compareTo(limit) > 0;
        delay(call, late ? limit : fault.delay(), command);
        yield late ? Answer.LATE : Answer.DONE;
      }
      case FAULT_KIND_HANG -> {
        delay(call, limit, command);
        yield Answer.LATE;
      }
      case FAULT_KIND_HYPERVISOR_CRASH,
          FAULT_KIND_DISK_FULL,
          FAULT_KIND_DROP_EVENT,
          FAULT_KIND_REPEAT_EVENT,
          FAULT_KIND_UNSPECIFIED,
          UNRECOGNIZED ->
          throw new IllegalStateException("%s cannot strike a question".formatted(fault.kind()));
    };
  }

  /** Waits until calls that were let go have done what they were held from. */
  public void settle(CallContext call) {
    lock.await(call, () -> released == 0);
  }

  private void delay(CallContext call, Duration delay, Work.Command command) {
    Hold hold = new Hold();
    clock.schedule(delay, () -> release(hold));
    hold(call, hold, command);
  }

  private void hang(CallContext call, Work.Command command) {
    Hold hold = new Hold();
    plan.park(() -> release(hold));
    hold(call, hold, command);
  }

  private void release(Hold hold) {
    if (hold.waiting) {
      hold.free = true;
      released++;
      lock.signal();
    }
  }

  private void hold(CallContext call, Hold hold, Work.Command command) {
    Activity held = activities.begin(command);
    try {
      lock.await(call, () -> hold.free);
    } finally {
      held.end(hold.free ? Activity.Outcome.DONE : Activity.Outcome.TIMED_OUT);
      hold.waiting = false;
      if (hold.free) {
        released--;
        lock.signal();
      }
    }
  }

  private static final class Hold {
    private boolean waiting = true;
    private boolean free;
  }
}
