package dev.drover.server.activity;

import dev.drover.spi.activity.Activities;
import dev.drover.spi.activity.Activity;
import dev.drover.spi.activity.JobTurn;
import dev.drover.spi.activity.Work;
import dev.drover.v1.Job;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** The work of all drivers that has not ended. Looking at it takes no lock of anybody (R4). */
public final class OpenWork {

  private final List<WorkListener> listeners;
  private final TurnListener turns;
  private final Set<Begun> open = ConcurrentHashMap.newKeySet();

  /**
   * Makes the register of a daemon.
   *
   * @param listeners measure the work
   * @param turns hears of the work on jobs
   */
  public OpenWork(List<WorkListener> listeners, TurnListener turns) {
    this.listeners = List.copyOf(listeners);
    this.turns = turns;
  }

  /** Where a driver tells what it is at. */
  public Activities of(String scheme) {
    return new Activities() {
      @Override
      public Activity begin(Work work) {
        Begun begun =
            new Begun(
                scheme,
                work,
                listeners.stream().map(listener -> listener.begun(scheme, work)).toList());
        open.add(begun);
        return begun;
      }

      @Override
      public JobTurn turn(Job job) {
        return turns.began(scheme, job);
      }
    };
  }

  /** What has not ended, in no particular order. */
  public List<OngoingWork> list() {
    return open.stream().map(Begun::look).toList();
  }

  /** Compared by identity: the same work may be done twice at a time. */
  private final class Begun implements Activity {

    private final String scheme;
    private final Work work;
    private final List<WorkListener.Ending> endings;
    private final long start = System.nanoTime();
    private final AtomicBoolean told = new AtomicBoolean();
    private volatile boolean givenUp;

    Begun(String scheme, Work work, List<WorkListener.Ending> endings) {
      this.scheme = scheme;
      this.work = work;
      this.endings = endings;
    }

    @Override
    public void gaveUp() {
      givenUp = true;
      tell(Outcome.TIMED_OUT);
    }

    @Override
    public void end(Outcome outcome) {
      open.remove(this);
      tell(outcome);
    }

    private void tell(Outcome outcome) {
      if (told.compareAndSet(false, true)) {
        Duration lasted = age();
        endings.forEach(ending -> ending.ended(outcome, lasted));
      }
    }

    private Duration age() {
      return Duration.ofNanos(System.nanoTime() - start);
    }

    OngoingWork look() {
      return new OngoingWork(scheme, work, age(), givenUp);
    }
  }
}
