package dev.drover.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How long calls took, by what they were. Used by one thread. */
final class CallTimes {

  private final Map<Kind, List<Double>> milliseconds = new LinkedHashMap<>();
  private final Map<Kind, Integer> unanswered = new LinkedHashMap<>();

  /**
   * A kind of call.
   *
   * @param call what is called
   * @param side whose domains it is about
   */
  record Kind(CrowdCalls.Call call, DroverSide.Side side) {

    String title() {
      return call.title() + ", " + side.title();
    }
  }

  /** Notes one call; one without an answer counts with the time after which it was given up. */
  void add(Kind kind, double took, boolean answered) {
    milliseconds.computeIfAbsent(kind, _ -> new ArrayList<>()).add(took);
    if (!answered) {
      var _ = unanswered.merge(kind, 1, Integer::sum);
    }
  }

  /** The kinds that were called, in the order of their first calls. */
  List<Kind> kinds() {
    return List.copyOf(milliseconds.keySet());
  }

  /** The times of a kind that was called. */
  Samples of(Kind kind) {
    return new Samples(milliseconds.getOrDefault(kind, List.of()));
  }

  /** How many calls of a kind had no answer. */
  int unanswered(Kind kind) {
    return unanswered.getOrDefault(kind, 0);
  }
}
