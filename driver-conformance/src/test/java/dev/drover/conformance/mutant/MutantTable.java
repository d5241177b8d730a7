package dev.drover.conformance.mutant;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The mistakes and the cases that find them, as {@code docs/mutants.md} shows them. */
public final class MutantTable {

  private MutantTable() {}

  /** The whole document. */
  public static String markdown() {
    return """
    # Mutants

    <!-- Made by bin/mutants-table from the seeded mistakes: change Mutant.java. -->

    The conformance suite is tested itself: realistic mistakes of a driver's author are seeded into
    the test driver, one at a time, and each must be found by the cases named here, for the reason
    expected. There are %d. The requirements that each breaks lead into `docs/conformance.md`.

    | mutant | mistake | breaks | caught by |
    |---|---|---|---|
    %s
    """
        .formatted(
            Mutant.values().length,
            Arrays.stream(Mutant.values()).map(MutantTable::row).collect(Collectors.joining("\n")));
  }

  private static String row(Mutant mutant) {
    return "| %s | %s | %s | %s |"
        .formatted(
            mutant,
            mutant.mistake(),
            String.join(", ", mutant.standsFor()),
            mutant.caughtBy().stream()
                .map(expected -> "`" + expected.caseId() + "`")
                .collect(Collectors.joining(", ")));
  }
}
