package dev.drover.spi.queue;

import dev.drover.spi.DriverLimits;
import dev.drover.v1.QueuePlace;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Gives free places away. A job that waits keeps places on its stores from those behind it, so that
 * one which needs two stores at a time is not passed by for ever; it keeps no place of the host.
 */
final class Places {

  private final DriverLimits limits;
  private final Map<String, Integer> stores = new HashMap<>();
  private int jobs;

  private Places(DriverLimits limits, Collection<Claim> holding) {
    this.limits = limits;
    holding.forEach(this::take);
  }

  /**
   * Who may begin, and what holds the others back.
   *
   * @param granted those that have a place now, the first one first
   * @param held the others in their order, by job id
   */
  record Given(List<Claim> granted, Map<String, QueuePlace> held) {}

  /**
   * Gives the places there are.
   *
   * @param holding who has places already
   * @param order who waits, the next one first
   */
  static Given give(DriverLimits limits, Collection<Claim> holding, List<Claim> order) {
    Places places = new Places(limits, holding);
    List<Claim> granted = new ArrayList<>();
    Map<String, QueuePlace> held = new LinkedHashMap<>();
    for (Claim claim : order) {
      Optional<QueuePlace.Builder> full = places.full(claim);
      if (full.isPresent()) {
        held.put(claim.jobId(), full.get().setPosition(held.size() + 1).build());
      } else {
        places.take(claim);
        granted.add(claim);
      }
    }
    return new Given(granted, held);
  }

  private Optional<QueuePlace.Builder> full(Claim claim) {
    if (limits.jobs() > 0 && jobs >= limits.jobs()) {
      return Optional.of(
          QueuePlace.newBuilder().setLimit(JobQueue.LIMIT_JOBS).setMaximum(limits.jobs()));
    }
    Optional<String> taken = claim.stores().stream().sorted().filter(this::fullStore).findFirst();
    taken.ifPresent(_ -> claim.stores().forEach(this::takeStore));
    return taken.map(
        store ->
            QueuePlace.newBuilder()
                .setLimit(JobQueue.LIMIT_JOBS_PER_STORE)
                .setMaximum(limits.jobsPerStore())
                .setStore(store));
  }

  private boolean fullStore(String store) {
    return limits.jobsPerStore() > 0 && stores.getOrDefault(store, 0) >= limits.jobsPerStore();
  }

  private void take(Claim claim) {
    jobs++;
    claim.stores().forEach(this::takeStore);
  }

  private void takeStore(String store) {
    var _ = stores.merge(store, 1, Integer::sum);
  }
}
