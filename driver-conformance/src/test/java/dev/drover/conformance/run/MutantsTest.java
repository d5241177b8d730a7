package dev.drover.conformance.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.drover.conformance.mutant.Mutant;
import dev.drover.conformance.mutant.MutatedDriverProvider;
import dev.drover.conformance.mutant.Mutation;
import dev.drover.conformance.suite.CaseRunner;
import dev.drover.conformance.suite.ConformanceCase;
import dev.drover.conformance.suite.Subjects;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The suite is tested: mistakes seeded into the test driver are found by the cases named (R16). */
class MutantsTest {

  /** The model answers at once; what has not come by then will not come. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Map<String, ConformanceCase> CASES =
      Subjects.all().stream()
          .flatMap(subject -> ConformanceCase.of(subject).stream())
          .collect(Collectors.toMap(ConformanceCase::id, Function.identity()));

  @TempDir private Path directory;

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void isCaught(Mutant mutant) {
    try (TestDriverTarget target = target(mutant::seed)) {
      CaseRunner runner = new CaseRunner(target);
      assertThat(mutant.caughtBy())
          .isNotEmpty()
          .allSatisfy(
              expected -> {
                Throwable failure = catchThrowable(() -> runner.run(find(expected.caseId())));
                assertThat(failure).as("%s under %s", expected.caseId(), mutant).isNotNull();
                assertThat(Throwables.getStackTrace(failure))
                    .as("%s failed under %s for the reason expected", expected.caseId(), mutant)
                    .contains(expected.why());
              });
    }
  }

  @Test
  void withoutMistakeTheSameCasesPass() {
    try (TestDriverTarget target = target(() -> new Mutation() {})) {
      CaseRunner runner = new CaseRunner(target);
      assertThat(expectedCases().distinct()).allSatisfy(id -> runner.run(find(id)));
    }
  }

  private TestDriverTarget target(Supplier<Mutation> mutation) {
    return new TestDriverTarget(
        "mutant",
        directory,
        DaemonRun.Way.IN_PROCESS,
        new MutatedDriverProvider(mutation),
        PATIENCE);
  }

  private static Stream<String> expectedCases() {
    return Arrays.stream(Mutant.values())
        .flatMap(mutant -> mutant.caughtBy().stream())
        .map(Mutant.Catch::caseId);
  }

  private static ConformanceCase find(String id) {
    return Objects.requireNonNull(CASES.get(id), () -> "no case " + id);
  }
}
