package dev.drover.conformance.suite;

import dev.drover.v1.Capability;
import dev.drover.v1.ErrorReason;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Reasons that no case provokes through the API alone, from {@code unprovoked-reasons.txt}: reason,
 * the capability with which a case does provoke it or a dash, and why, with tabs between.
 */
public final class UnprovokedReasons {

  private final Map<ErrorReason, String> conditions = new EnumMap<>(ErrorReason.class);

  /** Reads the list of the suite. */
  public UnprovokedReasons() {
    for (String line : Resources.lines("unprovoked-reasons.txt")) {
      String[] parts = line.split("\t", 3);
      if (parts.length != 3 || parts[2].isBlank()) {
        throw new IllegalStateException("unprovoked-reasons.txt: no reason given: " + line);
      }
      conditions.put(ErrorReason.valueOf("ERROR_REASON_" + parts[0]), parts[1]);
    }
  }

  /** Whether a run against a driver with these capabilities need not provoke a reason. */
  public boolean excuses(ErrorReason reason, Set<Capability> declared) {
    String condition = conditions.get(reason);
    if (condition == null) {
      return false;
    }
    return condition.equals("-") || !declared.contains(Capability.valueOf(condition));
  }
}
