package dev.drover.spi.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Who is next. The caller who has the fewest places goes first, then the one who was served longest
 * ago; among the domains of one caller it is the same, and within a domain who came first. So
 * nobody waits for all that another asked for before. What was served is remembered in memory
 * alone: after a restart of the daemon turns begin with who came first.
 *
 * <p>Not safe for several threads.
 */
final class FairOrder {

  /** Callers, and domains, whose last turn is remembered; earlier ones count as never served. */
  private static final int REMEMBERED = 10_000;

  private final Map<String, Long> callersServed = new Served<>();
  private final Map<Domain, Long> domainsServed = new Served<>();
  private long turn;

  /** A caller's share of a domain. */
  private record Domain(String owner, String uuid) {}

  /** A caller, or a domain of one, while an order is made. */
  private static final class Share<T> {
    final T waiting;
    long places;
    long served;
    final int arrival;

    Share(T waiting, long places, long served, int arrival) {
      this.waiting = waiting;
      this.places = places;
      this.served = served;
      this.arrival = arrival;
    }

    static <T> PriorityQueue<Share<T>> queue() {
      return new PriorityQueue<>(
          Comparator.<Share<T>>comparingLong(share -> share.places)
              .thenComparingLong(share -> share.served)
              .thenComparingInt(share -> share.arrival));
    }
  }

  /** Remembers that a job had its turn. */
  void served(Claim claim) {
    turn++;
    remember(callersServed, claim.owner());
    remember(domainsServed, new Domain(claim.owner(), claim.domainUuid()));
  }

  private <K> void remember(Map<K, Long> served, K who) {
    var _ = served.remove(who);
    served.put(who, turn);
  }

  /**
   * Jobs in the order in which they have their turns, if nothing changes but by these.
   *
   * @param waiting in the order in which they came
   * @param holding who has the places there are
   */
  List<Claim> sorted(Collection<Claim> waiting, Collection<Claim> holding) {
    Map<String, Long> callerPlaces = new HashMap<>();
    Map<Domain, Long> domainPlaces = new HashMap<>();
    for (Claim claim : holding) {
      callerPlaces.merge(claim.owner(), 1L, Long::sum);
      domainPlaces.merge(new Domain(claim.owner(), claim.domainUuid()), 1L, Long::sum);
    }
    Map<String, Map<Domain, Deque<Claim>>> grouped = new LinkedHashMap<>();
    for (Claim claim : waiting) {
      grouped
          .computeIfAbsent(claim.owner(), _ -> new LinkedHashMap<>())
          .computeIfAbsent(new Domain(claim.owner(), claim.domainUuid()), _ -> new ArrayDeque<>())
          .add(claim);
    }
    PriorityQueue<Share<PriorityQueue<Share<Deque<Claim>>>>> callers = Share.queue();
    int arrival = 0;
    for (Map.Entry<String, Map<Domain, Deque<Claim>>> caller : grouped.entrySet()) {
      PriorityQueue<Share<Deque<Claim>>> domains = Share.queue();
      for (Map.Entry<Domain, Deque<Claim>> domain : caller.getValue().entrySet()) {
        domains.add(
            new Share<>(
                domain.getValue(),
                domainPlaces.getOrDefault(domain.getKey(), 0L),
                domainsServed.getOrDefault(domain.getKey(), 0L),
                arrival++));
      }
      callers.add(
          new Share<>(
              domains,
              callerPlaces.getOrDefault(caller.getKey(), 0L),
              callersServed.getOrDefault(caller.getKey(), 0L),
              arrival++));
    }
    return take(callers);
  }

  private List<Claim> take(PriorityQueue<Share<PriorityQueue<Share<Deque<Claim>>>>> callers) {
    List<Claim> result = new ArrayList<>();
    long served = turn;
    while (!callers.isEmpty()) {
      served++;
      Share<PriorityQueue<Share<Deque<Claim>>>> caller = callers.remove();
      Share<Deque<Claim>> domain = caller.waiting.remove();
      result.add(domain.waiting.removeFirst());
      if (!domain.waiting.isEmpty()) {
        domain.places++;
        domain.served = served;
        caller.waiting.add(domain);
      }
      if (!caller.waiting.isEmpty()) {
        caller.places++;
        caller.served = served;
        callers.add(caller);
      }
    }
    return result;
  }

  /** Remembers those that were put in last. */
  private static final class Served<K> extends LinkedHashMap<K, Long> {

    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, Long> eldest) {
      return size() > REMEMBERED;
    }
  }
}
