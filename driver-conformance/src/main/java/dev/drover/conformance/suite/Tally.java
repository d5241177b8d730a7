package dev.drover.conformance.suite;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * How the cases of one requirement in one state came out on one target; a line of a report.
 *
 * @param id requirement
 * @param state name of the state; {@link #STATELESS} for cases that do not depend on one
 * @param passed how many passed
 * @param failed how many failed
 * @param unsupported what the driver declares not to support, each once
 */
record Tally(String id, String state, long passed, long failed, SortedSet<String> unsupported) {

  /** In place of a state: cases that do not depend on one. */
  static final String STATELESS = "-";

  /** Keeps it as it is. */
  Tally {
    unsupported = new TreeSet<>(unsupported);
  }

  /** Counts entries. */
  static Tally of(String id, String state, List<ConformanceReport.Entry> entries) {
    long passed = 0;
    long failed = 0;
    SortedSet<String> unsupported = new TreeSet<>();
    for (ConformanceReport.Entry entry : entries) {
      switch (entry.outcome()) {
        case Outcome.Passed() -> passed++;
        case Outcome.Failed(String _) -> failed++;
        case Outcome.DeclaredUnsupported(String reason) -> unsupported.add(reason);
        case Outcome.BeyondReach(String what) -> unsupported.add(what);
      }
    }
    return new Tally(id, state, passed, failed, unsupported);
  }

  /** Reads a line. */
  static Tally parse(String line) {
    String[] parts = line.split("\t", -1);
    return new Tally(
        parts[0],
        parts[1],
        Long.parseLong(parts[2]),
        Long.parseLong(parts[3]),
        new TreeSet<>(Arrays.asList(parts).subList(4, parts.length)));
  }

  /** The line that {@link #parse} reads. */
  String line() {
    List<String> parts =
        new ArrayList<>(List.of(id, state, Long.toString(passed), Long.toString(failed)));
    parts.addAll(unsupported);
    return String.join("\t", parts);
  }
}
