package dev.drover.spi.domain;

import dev.drover.spi.CallContext;
import dev.drover.spi.activity.Activities;
import dev.drover.spi.activity.Activity;
import dev.drover.spi.activity.Work;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Domain;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ErrorReason;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * One lane for each domain: changes of a domain run one after another, and none waits for another
 * domain (R4). Reads never enter. A lane is held by a call while it works on the hypervisor, and by
 * a job's worker only for the steps that change the chain.
 */
public final class DomainLanes {

  private final InstantSource clock;
  private final Activities activities;
  private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

  /**
   * Makes lanes.
   *
   * @param clock measures deadlines
   * @param activities hears who has a lane and who waits for one
   */
  public DomainLanes(InstantSource clock, Activities activities) {
    this.clock = clock;
    this.activities = activities;
  }

  /**
   * Enters a domain's lane.
   *
   * @param key what the lane belongs to: the uuid of a domain
   * @param name name of the domain, for errors
   * @param operation what is going to be done, for the errors of those who wait
   * @return to be closed when the change is done
   * @throws DriverException DOMAIN_BUSY where the lane was not free before the call's deadline,
   *     CALL_CANCELLED where the caller's thread was interrupted
   */
  public Pass enter(CallContext call, String key, String name, String operation) {
    Lane lane = lanes.computeIfAbsent(key, _ -> new Lane());
    try {
      if (!lane.free.tryAcquire(0, TimeUnit.NANOSECONDS)
          && !await(lane, call, new Work.LaneAwaited(key, name, operation))) {
        String holder = lane.operation;
        throw DriverException.of(
            ErrorReason.ERROR_REASON_DOMAIN_BUSY,
            "domain '%s' is busy with: %s; try again when that has ended".formatted(name, holder),
            "domain",
            name,
            "operation",
            holder);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw DriverException.causedBy(
          e, ErrorReason.ERROR_REASON_CALL_CANCELLED, "the call was given up", "domain", name);
    }
    lane.operation = operation;
    return new Pass(lane, activities.begin(new Work.LaneHeld(key, name, operation)));
  }

  /**
   * Changes a domain in its lane.
   *
   * @param book where the domain is
   * @param operation what is going to be done, for the errors of those who wait
   * @param change does it, given the domain as it is once the lane is free
   * @return what {@code change} answers
   * @throws DriverException DOMAIN_NOT_FOUND, also where it was removed meanwhile, and as {@link
   *     #enter}
   */
  public Domain change(
      CallContext call,
      DomainBook book,
      DomainRef ref,
      String operation,
      UnaryOperator<Domain> change) {
    Domain named = book.require(ref);
    String uuid = named.getSpec().getUuid();
    try (Pass _ = enter(call, uuid, named.getSpec().getName(), operation)) {
      return change.apply(book.require(uuid));
    }
  }

  /** Waits in the queue of those who came before. */
  private boolean await(Lane lane, CallContext call, Work.LaneAwaited work)
      throws InterruptedException {
    Activity waiting = activities.begin(work);
    Activity.Outcome outcome = Activity.Outcome.LOST;
    try {
      long wait = call.remaining(clock.instant()).toNanos();
      boolean free = lane.free.tryAcquire(wait, TimeUnit.NANOSECONDS);
      outcome = free ? Activity.Outcome.DONE : Activity.Outcome.TIMED_OUT;
      return free;
    } finally {
      waiting.end(outcome);
    }
  }

  /** Forgets the lane of a domain that is gone. */
  public void forget(String key) {
    lanes.remove(key);
  }

  /** The right to change a domain; ends when closed, once. */
  public static final class Pass implements AutoCloseable {

    private final Lane lane;
    private final Activity holding;
    private boolean open = true;

    private Pass(Lane lane, Activity holding) {
      this.lane = lane;
      this.holding = holding;
    }

    @Override
    public void close() {
      if (open) {
        open = false;
        holding.end(Activity.Outcome.DONE);
        lane.operation = "";
        lane.free.release();
      }
    }
  }

  private static final class Lane {
    private final Semaphore free = new Semaphore(1, true);
    private volatile String operation = "";
  }
}
