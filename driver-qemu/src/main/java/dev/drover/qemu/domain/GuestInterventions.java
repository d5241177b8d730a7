package dev.drover.qemu.domain;

import java.util.Set;
import java.util.TreeSet;

/**
 * What Drover does to a guest for a moment, beside its user's will; part of the runtime record, so
 * that another run of the daemon undoes it (R2).
 *
 * @param holders who holds the guest's processors: ids of jobs or groups of jobs; empty: nobody
 * @param runsAfter whether the guest is to run once nobody holds it; it is the user's will
 * @param freezers for whom the guest's file systems are frozen, or are going to be: ids as above
 * @param frozen whether the guest's agent has said that they are frozen
 */
public record GuestInterventions(
    Set<String> holders, boolean runsAfter, Set<String> freezers, boolean frozen) {

  /** The guest is left alone. */
  public static final GuestInterventions NONE =
      new GuestInterventions(Set.of(), false, Set.of(), false);

  /** Copies the sets. */
  public GuestInterventions {
    holders = Set.copyOf(holders);
    freezers = Set.copyOf(freezers);
  }

  /** Whether somebody holds the guest's processors. */
  public boolean held() {
    return !holders.isEmpty();
  }

  /**
   * The same with one more holder.
   *
   * @param running whether the guest runs at this moment; it does not count where somebody else
   *     holds it
   */
  GuestInterventions heldBy(String owner, boolean running) {
    Set<String> more = new TreeSet<>(holders);
    more.add(owner);
    return new GuestInterventions(more, held() ? runsAfter : running, freezers, frozen);
  }

  /** The same with one holder less. */
  GuestInterventions withoutHolder(String owner) {
    Set<String> less = new TreeSet<>(holders);
    less.remove(owner);
    return new GuestInterventions(less, runsAfter && !less.isEmpty(), freezers, frozen);
  }

  /** The same with another will of the user. */
  GuestInterventions withRunsAfter(boolean runs) {
    return new GuestInterventions(holders, runs, freezers, frozen);
  }

  /** The same with one more for whom the file systems are to be frozen. */
  GuestInterventions freezingFor(String owner) {
    Set<String> more = new TreeSet<>(freezers);
    more.add(owner);
    return new GuestInterventions(holders, runsAfter, more, frozen);
  }

  /** The same once the file systems are frozen. */
  GuestInterventions nowFrozen() {
    return new GuestInterventions(holders, runsAfter, freezers, true);
  }

  /** The same once the file systems are thawed. */
  GuestInterventions nowThawed() {
    return new GuestInterventions(holders, runsAfter, freezers, false);
  }

  /** The same with one less for whom the file systems are frozen. */
  GuestInterventions withoutFreezer(String owner) {
    Set<String> less = new TreeSet<>(freezers);
    less.remove(owner);
    return new GuestInterventions(holders, runsAfter, less, frozen && !less.isEmpty());
  }
}
