package dev.drover.conformance.model;

import dev.drover.conformance.ConformanceTarget;
import dev.drover.conformance.bench.Bench;
import dev.drover.conformance.bench.Observations;
import dev.drover.v1.Capability;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.assertj.core.util.Throwables;

/**
 * Random scenarios on two drivers at once (R15, R16): after each step both have answered alike, and
 * show the same states, chains, jobs, snapshots and contents. The system property {@code
 * drover.model.scenarios} sets how many there are, {@code drover.model.steps} how many operations
 * each has, and {@code drover.model.seed} the seed of the first; each next one has the next seed.
 *
 * @param scenarios how many where the property does not say otherwise
 * @param steps operations of each, likewise
 * @param seed seed of the first, likewise
 */
public record SideBySide(int scenarios, int steps, long seed) {

  /**
   * Compares. What only one of the drivers declares is not done.
   *
   * @param left the driver whose state decides what a step chooses
   * @param right the other
   * @throws AssertionError with the seed of the first scenario in which they differ, shortened as
   *     far as they still do
   */
  public void compare(ConformanceTarget left, ConformanceTarget right) {
    Observations observations = new Observations();
    Set<Capability> common = declared(left, observations);
    common.retainAll(declared(right, observations));
    Scenarios random = new Scenarios(common, Integer.getInteger("drover.model.steps", steps));
    long first = Long.getLong("drover.model.seed", seed);
    Pair pair = new Pair(left, right, observations, common);
    for (int i = 0; i < Integer.getInteger("drover.model.scenarios", scenarios); i++) {
      long own = first + i;
      Scenario scenario = random.of(own);
      Optional<Difference> difference = pair.run(scenario, "seed-%d".formatted(own));
      if (difference.isPresent()) {
        throw new AssertionError(shortest(pair, difference.get(), own).text(own));
      }
    }
  }

  private static Set<Capability> declared(ConformanceTarget target, Observations observations) {
    return new HashSet<>(Bench.driverOf(target, observations).getCapabilitiesList());
  }

  private static Difference shortest(Pair pair, Difference difference, long seed) {
    Difference shortest = difference;
    int attempt = 0;
    boolean shorter = true;
    // A step may be needed for the sake of one before it alone, and no more once that is left out.
    while (shorter) {
      shorter = false;
      for (int step = shortest.step() - 1; step >= 0; step--) {
        attempt++;
        Optional<Difference> without =
            pair.run(
                shortest.scenario().without(step), "seed-%d-shorter-%d".formatted(seed, attempt));
        if (without.isPresent()) {
          // Another difference is as good a one: what is left of the scenario shows it.
          shortest = without.get();
          shorter = true;
          step = Math.min(step, shortest.step());
        }
      }
    }
    return shortest;
  }

  /**
   * Where two drivers differ.
   *
   * @param scenario what was done, up to the step after which they do
   * @param lines how
   */
  private record Difference(Scenario scenario, List<String> lines) {

    int step() {
      return scenario.operations().size() - 1;
    }

    String text(long seed) {
      return "seed %d: after %s%n%s".formatted(seed, scenario, String.join("\n", lines));
    }
  }

  /** Both targets. */
  private record Pair(
      ConformanceTarget left,
      ConformanceTarget right,
      Observations observations,
      Set<Capability> common) {

    Optional<Difference> run(Scenario scenario, String label) {
      try (Bench first = Bench.open(left, observations, common, "left-" + label);
          Bench second = Bench.open(right, observations, common, "right-" + label)) {
        return new Course(scenario, new Side(first, scenario), new Side(second, scenario)).run();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("%s: %s: %s".formatted(label, scenario, e.getMessage()), e);
      }
    }
  }

  /** One run of a scenario. */
  private static final class Course {

    private final Scenario scenario;
    private final Side left;
    private final Side right;
    private final Known known;
    private Position from;

    Course(Scenario scenario, Side left, Side right) {
      this.scenario = scenario;
      this.left = left;
      this.right = right;
      this.known = new Known(left);
      this.from = left.position();
      known.see(from);
    }

    Optional<Difference> run() {
      for (int step = 0; step < scenario.operations().size(); step++) {
        List<String> lines = step(step);
        if (!lines.isEmpty()) {
          return Optional.of(new Difference(scenario.first(step + 1), lines));
        }
      }
      return Optional.empty();
    }

    /** Whether images that nobody has open may show something else than before. */
    private static boolean moves(Operation operation, String answer) {
      return !answer.startsWith(Side.REFUSED)
          && switch (operation) {
            case Operation.Start _,
                Operation.Suspend _,
                Operation.Resume _,
                Operation.Redefine _,
                Operation.Rename _,
                Operation.Write _ ->
                false;
            case Operation.Destroy _,
                Operation.Snapshot _,
                Operation.Revert _,
                Operation.Delete _,
                Operation.Commit _,
                Operation.Pull _,
                Operation.Copy _,
                Operation.Rebase _,
                Operation.EndJob _,
                Operation.EndTogether _,
                Operation.Unleash _ ->
                true;
          };
    }

    private List<String> step(int step) {
      Operation operation = scenario.operations().get(step);
      try {
        String expected = new Doing(left, from, step).answer(operation);
        String actual = new Doing(right, from, step).answer(operation);
        from = left.position();
        known.see(from);
        List<String> lines = new ArrayList<>();
        if (!expected.equals(actual)) {
          lines.add(line("answer", expected, actual));
        }
        boolean last = step == scenario.operations().size() - 1;
        List<String> settled = known.settled(from, last || moves(operation, expected));
        lines.addAll(
            differences(
                Facts.of(left, from, known, settled),
                Facts.of(right, right.position(), known, settled)));
        return lines;
      } catch (AssertionError | RuntimeException e) {
        return List.of(Throwables.getStackTrace(e));
      }
    }

    private List<String> differences(Map<String, String> first, Map<String, String> second) {
      SortedSet<String> keys = new TreeSet<>(first.keySet());
      keys.addAll(second.keySet());
      return keys.stream()
          .filter(key -> !value(first, key).equals(value(second, key)))
          .map(key -> line(key, value(first, key), value(second, key)))
          .toList();
    }

    private static String value(Map<String, String> facts, String key) {
      return facts.getOrDefault(key, "nothing");
    }

    private String line(String key, String first, String second) {
      return "%s%n    %s: %s%n    %s: %s"
          .formatted(
              key, left.bench().target().name(), first, right.bench().target().name(), second);
    }
  }
}
