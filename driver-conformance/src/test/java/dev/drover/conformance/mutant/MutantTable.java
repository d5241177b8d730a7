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

    ## Mutation score of the rules themselves

    `bin/mutation-score` has PIT change the code of two packages in small ways, one at a time: the rules and the register of
    jobs (`dev.drover.spi.job`) and the daemon's guards (`dev.drover.server.guard`). It is no part of the build.

    | package | date | tests | changes | found by a test | in code that these tests do not reach | line coverage |
    |---|---|---|---|---|---|---|
    | `dev.drover.spi.job` | 2026-11-29 | those of the package alone | 229 | 177 (77 %%), 4 of them by time | 12 | 95 %% |
    | the same, stopped on a busy machine after 220 of 297 | 2026-11-29 | the same, with those of locks, waiters and the queue's records | 220 | 210 (95 %%), 16 of them by time | 2 | |

    The 220 are all of the register (`JobBook`: 149 of 151) and most of the rules. Of the ten that were left one is equivalent: to look for
    a job without an id finds none. The others got tests afterwards: which jobs hold a place, what is said of one that waits,
    and calls without any id. The guards have not been measured yet.
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
