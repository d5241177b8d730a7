package dev.drover.spi.queue;

import dev.drover.spi.DriverLimits;
import dev.drover.spi.job.JobBook;
import dev.drover.spi.job.JobRules;
import dev.drover.v1.Job;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Who has a place, and who waits for one. Those who have one are the jobs on record that copy, and
 * the starts that are under way. Used under the queue's lock, but for the questions that say
 * otherwise.
 */
final class Line {

  private final JobBook book;
  private final DriverLimits limits;
  private final JobStores stores;
  private final FairOrder order = new FairOrder();
  private final Map<String, Waiter> waiting = new LinkedHashMap<>();
  private final Map<String, Claim> starting = new ConcurrentHashMap<>();
  private volatile boolean somebodyWaits;

  Line(JobBook book, DriverLimits limits, JobStores stores) {
    this.book = book;
    this.limits = limits;
    this.stores = stores;
  }

  /** Whether there is anybody to give a turn to; by any thread. */
  boolean somebodyWaits() {
    return somebodyWaits;
  }

  /** Whether a start has its place; by any thread. */
  boolean starts(String jobId) {
    return starting.containsKey(jobId);
  }

  /** Who would have places now, with somebody who has just come. */
  Places.Given given(Optional<Claim> newcomer) {
    List<Claim> holding = holding();
    List<Claim> all =
        Stream.concat(waiting.values().stream().map(Waiter::claim), newcomer.stream()).toList();
    return Places.give(limits, holding, order.sorted(all, holding));
  }

  /** Who has a place. */
  List<Claim> holding() {
    List<Claim> holding = new ArrayList<>(starting.values());
    for (Job job : book.active()) {
      if (JobRules.holdsPlace(job) && !starts(job.getId())) {
        holding.add(Claim.of(job, stores.of(job.getId())));
      }
    }
    return holding;
  }

  /** Gives a place to a start, which has it until {@link #release}. */
  void take(Claim claim) {
    waiting.remove(claim.jobId());
    starting.put(claim.jobId(), claim);
    stores.keep(claim);
    order.served(claim);
  }

  /** A start is over: its job counts by itself, or there is none. */
  void release(String jobId) {
    starting.remove(jobId);
    if (book.find(jobId).filter(JobRules::holdsPlace).isEmpty()) {
      stores.forget(jobId);
    }
  }

  void enter(Waiter waiter) {
    waiting.put(waiter.claim().jobId(), waiter);
    somebodyWaits = true;
  }

  void leave(String jobId) {
    waiting.remove(jobId);
    settle();
  }

  /** To be called when turns were given. */
  void settle() {
    somebodyWaits = !waiting.isEmpty();
  }

  Optional<Waiter> find(String jobId) {
    return Optional.ofNullable(waiting.get(jobId));
  }

  /** How many jobs wait, without steps of jobs. */
  long jobs() {
    return waiting.values().stream().filter(Waiter::isJob).count();
  }

  /** Whether a job, or a step of it, waits. */
  boolean holdsBack(String jobId) {
    return waiting.values().stream().anyMatch(one -> one.shownOn().equals(jobId));
  }

  /** Stores have been found out meanwhile. */
  void learned() {
    waiting.replaceAll((id, one) -> stores.of(id).isEmpty() ? one : one.on(stores.of(id)));
  }
}
