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
    | the same without `JobBook` | 2026-11-29 | the same | 151 | 132 (87 %%), none of them by time | 2 | 98 %% |
    | `dev.drover.server.guard`, 15 of its classes | 2026-11-29 | those of the package, of permissions and of the audit | 223 | 211 (95 %%), none of them by time | 0 | 98 %% |
    | its `RequestAdmission` and 11 changes of `GuardInterceptor` | 2026-11-29 | the same, with those of whole daemons | 51 | 43 (84 %%), 5 of them by time | 0 | |
    | its `GuardedCall` | 2026-11-29 | its own unit tests alone | 43 | 38 (88 %%), none of them by time | 0 | |
    | its `GuardedListener`, `RefusedListener`, `GuardInterceptor`, `UnreadableRequest`, `CallRecord` | 2026-11-30 | their own unit tests alone | 109 | 100 (92 %%), 2 of them by time | 1 | 99 %% |
    | the same, with more tests, and its `DomainGuard` | 2026-11-30 | the same, with its own | 146 | 141 (97 %%), 3 of them by time | 0 | 99 %% |
    | its check of domains (`DomainGuard.Check`) | 2026-11-29 | the same, with those of every RPC | 24 | 21 (88 %%), 1 of them by time | 0 | |

    The 220 are all of the register (`JobBook`: 149 of 151) and most of the rules. Of the ten that were left one is equivalent: to look for
    a job without an id finds none. The others got tests afterwards: which jobs hold a place, what is said of one that waits,
    and calls without any id. Of the 19 that the last measurement of jobs left, 14 got tests (what holds a disk of a stored definition, and
    what a move does to the record); five are equivalent.

    Of the 28 changes of the guards that were left, 13 got tests: what a driver does not declare, the deadline of a wait, calls
    without a request id, an unknown field behind a known one, metadata that is empty, a method without a descriptor, a lock that is not
    given back. One showed
    code that nothing needed. Eleven cannot be seen from outside: branches that the compiler adds to a pattern, shortcuts, a counter
    that stays at nought. Three were open until the unit tests of the two ends of the guards. With those of its own only `GuardedCall` was
    measured again: 42 of 43, four of them by time.

    Of the nine that the unit tests of the guards' two ends left at first, three checked one by one what is set together, which is one
    record now; the others got tests: both lines of the log, and a refused call that has no request, is given up or is over. Of
    the five that the last measurement left, all of `DomainGuard` (33 of 37) cannot be seen: three are branches that the compiler adds to a
    pattern, one asks whether a field called "domain" is a domain's name, which it is in every request. The last, of
    `RefusedListener`, asks whether a request is a message; it got a test. Those found by time, a permit that is neither
    settled nor given back, let the next call with the same request id wait.
    Not measured since: `DomainGuard` with the tests of whole daemons.
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
