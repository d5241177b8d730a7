package dev.drover.conformance.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.drover.conformance.model.SideBySide;
import dev.drover.conformance.mutant.Mutant;
import dev.drover.conformance.mutant.MutatedDriverProvider;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The comparison of two drivers finds what differs, and nothing else. */
class SideBySideTest {

  @TempDir private Path first;
  @TempDir private Path second;

  @Test
  void theTestDriverDoesWhatItDoes() {
    try (TestDriverTarget one = new TestDriverTarget("one", first, DaemonRun.Way.IN_PROCESS);
        TestDriverTarget other = new TestDriverTarget("other", second, DaemonRun.Way.IN_PROCESS)) {
      new SideBySide(6, 15, 1).compare(one, other);
    }
  }

  @Test
  void aMistakeIsFoundAndShownByFewSteps() {
    try (TestDriverTarget one = new TestDriverTarget("one", first, DaemonRun.Way.IN_PROCESS);
        TestDriverTarget other =
            new TestDriverTarget(
                "other",
                second,
                DaemonRun.Way.IN_PROCESS,
                new MutatedDriverProvider(Mutant.ACTIVE_COMMIT_IS_A_COMMIT::seed),
                Duration.ofSeconds(20))) {
      Throwable difference = catchThrowable(() -> new SideBySide(50, 20, 1).compare(one, other));

      assertThat(difference)
          .isInstanceOf(AssertionError.class)
          .hasMessageStartingWith("seed ")
          .hasMessageContaining("JOB_KIND_ACTIVE_COMMIT");
      assertThat(
              difference
                  .getMessage()
                  .lines()
                  .filter(line -> line.startsWith("  ") && !line.startsWith("   ")))
          .as("what has to be done to see it: %s", difference)
          .hasSizeLessThan(4);
    }
  }
}
