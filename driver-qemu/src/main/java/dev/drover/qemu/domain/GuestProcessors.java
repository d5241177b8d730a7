package dev.drover.qemu.domain;

import dev.drover.qemu.qmp.CommandDeadline;
import dev.drover.qemu.qmp.QueryCommand;
import dev.drover.qemu.qmp.RunCommand;
import dev.drover.qemu.qmp.RunState;
import dev.drover.qemu.qmp.RunStatus;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only place from which a running domain's processors are stopped and continued, one order
 * after another. Two wills meet here: the user's, who suspends and resumes, and that of steps that
 * hold the guest for a moment. While it is held, the user's orders are recorded and come true when
 * the last holder lets go; so a held guest that runs by its user's will is shown as running
 * throughout (D15).
 *
 * <p>What QEMU tells of an order is dealt with elsewhere, and may be late. The next order waits for
 * that: an event always meets the wills that it was made by. So those who deal with the events
 * never wait for an order.
 */
public final class GuestProcessors {

  private static final Logger logger = LoggerFactory.getLogger(GuestProcessors.class);

  /** States of a guest that was stopped for a hold; the others while its memory is taken. */
  private static final Set<RunState> BY_HOLD =
      EnumSet.of(RunState.PAUSED, RunState.SAVE_VM, RunState.FINISH_MIGRATE, RunState.POSTMIGRATE);

  /** What is to be done with an event takes microseconds, and this on a host that has none left. */
  private static final Duration EVENTS = Duration.ofSeconds(10);

  private final LiveDomain live;
  private final Semaphore turn = new Semaphore(1, true);
  private final AtomicLong moves = new AtomicLong();
  private final Set<String> atWork = ConcurrentHashMap.newKeySet();

  GuestProcessors(LiveDomain live) {
    this.live = live;
  }

  /**
   * Holds the processors until the hold is released. That they are held is durable before they are
   * stopped: where the daemon dies they go on when it is back, unless the owner takes its hold up
   * again by this same call, and where QEMU dies there is nothing to undo. A guest that does not
   * run is held too, in that its user's resume waits for the release.
   *
   * @param owner id of the job or group that needs it
   * @throws DriverException what a monitor command raises; nothing is held then, or the hold ends
   *     when QEMU answers
   */
  public GuestHold hold(String owner) {
    atWork.add(owner);
    try {
      return new HeldProcessors(this, owner, stopFor(owner));
    } catch (RuntimeException e) {
      try {
        release(owner);
      } catch (RuntimeException still) {
        e.addSuppressed(still);
      } finally {
        atWork.remove(owner);
      }
      throw e;
    }
  }

  /**
   * Records a hold that is going to begin by itself: QEMU stops the processors at the end of
   * something that it was told to do, and this daemon may be gone by then. Until they stop they run
   * on. {@link #hold} by the same owner stops them at once, and {@link #end} lets them go on.
   *
   * @throws DriverException what a monitor command raises; nothing is recorded then
   */
  public void expect(String owner) {
    atWork.add(owner);
    takeTurn(CommandDeadline.DRAIN.duration());
    try {
      note(owner);
    } catch (RuntimeException e) {
      atWork.remove(owner);
      throw e;
    } finally {
      endTurn();
    }
  }

  /**
   * Ends a hold that is on record, of this run of the daemon or an earlier one. Does nothing where
   * there is none.
   *
   * @throws DriverException what a monitor command raises; the hold ends when QEMU answers
   */
  public void end(String owner) {
    try {
      release(owner);
    } finally {
      atWork.remove(owner);
    }
  }

  private void note(String owner) {
    boolean running = live.execute(new QueryCommand.QueryStatus()).running();
    live.update(record -> record.withGuest(record.guest().heldBy(owner, running)));
  }

  /** Gives the time of the order by {@link System#nanoTime}; empty where they do not run. */
  private Optional<Long> stopFor(String owner) {
    takeTurn(CommandDeadline.DRAIN.duration());
    try {
      note(owner);
      if (!live.record().guest().runsAfter()) {
        return Optional.empty();
      }
      long before = System.nanoTime();
      live.execute(new RunCommand.Stop());
      return Optional.of(before);
    } finally {
      endTurn();
    }
  }

  /**
   * Lets one holder go; the processors run again where it was the last and the user wants it. The
   * hold stays on record until its events are dealt with, late as that may be.
   *
   * @return when it was let go, by {@link System#nanoTime}
   */
  long release(String owner) {
    takeTurn(CommandDeadline.DRAIN.duration());
    CompletableFuture<Boolean> seen = CompletableFuture.completedFuture(true);
    boolean late = false;
    try {
      GuestInterventions now = live.record().guest();
      if (!now.holders().contains(owner)) {
        return System.nanoTime();
      }
      if (now.runsAfter() && now.holders().size() == 1) {
        live.execute(new RunCommand.Cont());
        seen = live.eventsDealtWith();
      }
      long released = System.nanoTime();
      late = true;
      late = !completes(seen, EVENTS);
      if (!late) {
        forget(owner);
      }
      return released;
    } finally {
      if (late) {
        forgetLater(owner, seen);
      } else {
        endTurn();
      }
    }
  }

  private void forget(String owner) {
    live.update(record -> record.withGuest(record.guest().withoutHolder(owner)));
  }

  private void forgetLater(String owner, CompletableFuture<Boolean> seen) {
    logger.warn(
        "Domain {}: its guest goes on after it was held for {}, but its events are not dealt with",
        live.name(),
        owner);
    var _ =
        seen.thenRunAsync(() -> forget(owner), Thread::startVirtualThread)
            .whenComplete(
                (_, failure) -> {
                  endTurn();
                  if (failure != null) {
                    logger.error("Domain {}: the hold for {} stays", live.name(), owner, failure);
                  }
                });
  }

  /** Keeps a hold of an earlier run of the daemon for its owner, which takes it up soon. */
  public void claim(String owner) {
    atWork.add(owner);
  }

  /** Notes that an owner is done with its hold, released or not. */
  void left(String owner) {
    atWork.remove(owner);
  }

  /**
   * Lets go of holds whose owner is not there any more: it ended with an earlier run of the daemon,
   * or could not reach QEMU when it was done. To be called when QEMU answers, once owners that go
   * on have taken their holds up.
   */
  public void releaseAbandoned() {
    for (String owner : live.record().guest().holders()) {
      if (!atWork.contains(owner)) {
        logger.info("Domain {}: guest is not held for {} any more", live.name(), owner);
        release(owner);
      }
    }
  }

  /** Whether this owner's hold is on record. */
  public boolean heldFor(String owner) {
    return live.record().guest().holders().contains(owner);
  }

  /** Whether somebody holds the processors. */
  public boolean held() {
    return live.record().guest().held();
  }

  /** Stops the processors by the user's will; also those that are held, which then stay stopped. */
  void stop(Duration atMost) {
    order(
        atMost,
        left -> {
          wish(false);
          live.execute(new RunCommand.Stop(), left);
        });
  }

  /** Lets the processors run by the user's will; those that are held, once they are let go. */
  void run(Duration atMost) {
    order(
        atMost,
        left -> {
          if (!wish(true)) {
            live.execute(new RunCommand.Cont(), left);
          }
        });
  }

  /** Carries an order of the user out, and returns when its events are dealt with. */
  private void order(Duration atMost, Consumer<Duration> carryOut) {
    long end = System.nanoTime() + atMost.toNanos();
    takeTurn(atMost);
    CompletableFuture<Boolean> seen = CompletableFuture.completedFuture(true);
    try {
      carryOut.accept(left(end));
      seen = live.eventsDealtWith();
    } finally {
      seen = seen.whenComplete((_, _) -> endTurn());
    }
    if (!completes(seen, left(end))) {
      throw DriverException.of(
          ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
          ("the hypervisor of domain '%s' has carried the order out, but the deadline passed before"
                  + " its events were dealt with; the domain's state follows")
              .formatted(live.name()),
          "domain",
          live.name());
    }
  }

  private static Duration left(long end) {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  /** False where that takes longer. */
  private static boolean completes(CompletableFuture<Boolean> seen, Duration atMost) {
    try {
      return seen.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      throw givenUp(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("that events are dealt with is never a failure", e);
    }
  }

  /** Notes that the machine has stopped by itself, on an error: no release lets it go on. */
  void stoppedByItself() {
    wish(false);
  }

  /** What an answer of {@code query-status} says of the guest as its user sees it. */
  RunStatus shown(RunStatus status) {
    GuestInterventions guest = live.record().guest();
    boolean onlyHeld = guest.held() && guest.runsAfter() && BY_HOLD.contains(status.state());
    return onlyHeld ? new RunStatus(true, RunState.RUNNING) : status;
  }

  /** True where the processors are held: the user's will is on record then. */
  private boolean wish(boolean runs) {
    GuestInterventions guest = live.record().guest();
    if (guest.held() && guest.runsAfter() != runs) {
      live.update(
          record ->
              record.withGuest(
                  record.guest().held() ? record.guest().withRunsAfter(runs) : record.guest()));
    }
    return guest.held();
  }

  /**
   * How often the processors were ordered or seen to stop or go on. What QEMU said of them is old
   * where this differs from what it was before QEMU was asked.
   */
  long moves() {
    return moves.get();
  }

  /** Notes that the processors were seen to stop or go on. */
  void moved() {
    moves.incrementAndGet();
  }

  private void endTurn() {
    moved();
    turn.release();
  }

  private static DriverException givenUp(InterruptedException interruption) {
    Thread.currentThread().interrupt();
    return DriverException.causedBy(
        interruption, ErrorReason.ERROR_REASON_CALL_CANCELLED, "the call was given up");
  }

  /** One order at a time; each ends within the deadline of its commands, and so does the wait. */
  private void takeTurn(Duration atMost) {
    try {
      if (turn.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
        moved();
        return;
      }
    } catch (InterruptedException e) {
      throw givenUp(e);
    }
    throw DriverException.of(
        ErrorReason.ERROR_REASON_DOMAIN_BUSY,
        "domain '%s' has not finished an earlier order to stop or continue its processors"
            .formatted(live.name()),
        "domain",
        live.name());
  }
}
