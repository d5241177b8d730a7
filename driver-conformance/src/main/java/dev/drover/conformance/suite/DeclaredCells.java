package dev.drover.conformance.suite;

import dev.drover.conformance.bench.PowerState;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Why a requirement has no case, in a state or at all, from {@code declared-cells.txt}: id, states,
 * and a sentence that says why and where it is shown instead, with tabs between. The states are
 * names with commas between, or {@code all}.
 *
 * @param reasons sentences by {@link #key}
 */
public record DeclaredCells(Map<String, String> reasons) {

  private static final String ALL = "all";

  /** Keeps the order. */
  public DeclaredCells {
    reasons = Collections.unmodifiableMap(new LinkedHashMap<>(reasons));
  }

  /** Reads the list of the suite. */
  public static DeclaredCells read() {
    Map<String, String> reasons = new LinkedHashMap<>();
    for (String line : Resources.lines("declared-cells.txt")) {
      String[] parts = line.split("\t", 3);
      if (parts.length != 3 || parts[2].isBlank()) {
        throw new IllegalStateException("declared-cells.txt: no reason given: " + line);
      }
      boolean all = parts[1].equals(ALL);
      for (PowerState state :
          all
              ? PowerState.values()
              : Arrays.stream(parts[1].split(","))
                  .map(name -> PowerState.valueOf(name.toUpperCase(Locale.ROOT)))
                  .toArray(PowerState[]::new)) {
        if (reasons.put(key(parts[0], state), parts[2]) != null) {
          throw new IllegalStateException("declared-cells.txt: declared twice: " + line);
        }
      }
    }
    return new DeclaredCells(reasons);
  }

  /** Why a requirement has no case in a state; empty where it must have one. */
  public Optional<String> reason(String id, PowerState state) {
    return Optional.ofNullable(reasons.get(key(id, state)));
  }

  /** Whether the requirement is declared in any state. */
  public boolean mentions(String id) {
    return reasons.keySet().stream().anyMatch(key -> key.startsWith(id + " "));
  }

  private static String key(String id, PowerState state) {
    return id + " " + state;
  }
}
