package dev.drover.benchmarks;

import dev.drover.client.DroverException;
import dev.drover.v1.Domain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A domain that hangs now and then, and what is seen of it from outside. What does not go as it
 * should is noted for the table, and ends nothing.
 */
final class StuckDomain {

  private static final double GOAL_MILLISECONDS = 2000;

  private final Hang hang;
  private final DomainEvents events;
  private final Duration patience;
  private final Executor threads;
  private final List<Double> shown = new ArrayList<>();
  private final List<Double> recovered = new ArrayList<>();
  private int rounds;
  private int notShown;
  private int notRecovered;
  private String forceStop = "";
  private final List<String> troubles = new ArrayList<>();
  private CompletableFuture<Boolean> showing = CompletableFuture.completedFuture(false);

  /**
   * Watches a domain that can be made to hang.
   *
   * @param patience longest wait for what it is expected to do
   * @param threads wait for that
   */
  StuckDomain(Hang hang, DomainEvents events, Duration patience, Executor threads) {
    this.hang = hang;
    this.events = events;
    this.patience = patience;
    this.threads = threads;
  }

  /** Titles of the table that {@link #row} is for. */
  static List<String> header() {
    return List.of(
        "what hangs",
        "UNRESPONSIVE after ms, median (most)",
        "goal",
        "",
        "obeys force stop",
        "recovered after ms, median (most)");
  }

  /** Makes it hang, once it is known to answer. */
  void begin() {
    rounds++;
    if (events.await(hang.domain(), domain -> !unresponsive(domain), patience).isEmpty()) {
      troubles.add("it did not recover before the next round");
    }
    long start = System.nanoTime();
    showing =
        attempt(hang::begin)
            ? CompletableFuture.supplyAsync(() -> awaitResponsive(false, start, shown), threads)
            : CompletableFuture.completedFuture(false);
  }

  /** Waits until it is shown, if it is in time. */
  void awaitShown() {
    if (!showing.join()) {
      notShown++;
    }
  }

  /** Lets it go on, and waits until it is shown to have recovered, unless it was to be ended. */
  void end() {
    long start = System.nanoTime();
    if (attempt(hang::end)
        && showing.join()
        && forceStop.isEmpty()
        && !awaitResponsive(true, start, recovered)) {
      notRecovered++;
    }
  }

  /** Ends it by force while it hangs. */
  void forceStop(Crowd crowd, Duration deadline) {
    Stopwatch watch = new Stopwatch();
    try {
      crowd.destroy(hang.domain(), deadline);
      forceStop = "yes, %.0f ms".formatted(watch.milliseconds());
    } catch (DroverException e) {
      forceStop =
          "**missed**: %s after %.0f ms%s"
              .formatted(
                  e.code(),
                  watch.milliseconds(),
                  e.metadata().containsKey("domain") ? ": " + e.getMessage() : "");
    }
  }

  private boolean awaitResponsive(boolean responsive, long since, List<Double> milliseconds) {
    OptionalLong seen =
        events.await(hang.domain(), domain -> unresponsive(domain) != responsive, patience);
    seen.ifPresent(at -> milliseconds.add(Math.max(0, at - since) / 1e6));
    return seen.isPresent();
  }

  private static boolean unresponsive(Domain domain) {
    return domain.getStatus().getUnresponsive();
  }

  private boolean attempt(Runnable step) {
    try {
      step.run();
      return true;
    } catch (RuntimeException e) {
      troubles.add(String.valueOf(e.getMessage()));
      return false;
    }
  }

  /** What was seen. */
  List<String> row() {
    Optional<Samples> times = shown.isEmpty() ? Optional.empty() : Optional.of(new Samples(shown));
    boolean met =
        notShown == 0 && times.filter(all -> all.largest() <= GOAL_MILLISECONDS).isPresent();
    return List.of(
        hang.title(),
        cell(shown, notShown),
        "≤ " + Table.number(0, GOAL_MILLISECONDS),
        Table.verdict(met),
        forceStop,
        cell(recovered, notRecovered));
  }

  private String cell(List<Double> milliseconds, int missing) {
    List<String> parts = new ArrayList<>();
    if (!milliseconds.isEmpty()) {
      Samples samples = new Samples(milliseconds);
      parts.add("%.0f (%.0f)".formatted(samples.median(), samples.largest()));
    }
    if (missing > 0) {
      parts.add("not within %d s in %d of %d".formatted(patience.toSeconds(), missing, rounds));
    }
    return String.join("; ", parts);
  }

  /** What went wrong with the hanging itself. */
  List<String> troubles() {
    return troubles.stream().map(text -> hang.title() + ": " + text).distinct().toList();
  }
}
