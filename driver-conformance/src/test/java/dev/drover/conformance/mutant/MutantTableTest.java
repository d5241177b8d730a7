package dev.drover.conformance.mutant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.suite.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The document of seeded mistakes says what the sources say (R16). With the system property {@code
 * drover.mutants.write} it is written first.
 */
class MutantTableTest {

  private static final Path DOCUMENT = Path.of("..", "docs", "mutants.md");
  private static final int PROMISED = 25;

  @Test
  void theDocumentIsUpToDate() throws IOException {
    if (Boolean.getBoolean("drover.mutants.write")) {
      var _ = Files.writeString(DOCUMENT, MutantTable.markdown());
    }

    assertThat(DOCUMENT)
        .as("run bin/mutants-table where a mutant has changed")
        .hasContent(MutantTable.markdown());
  }

  @Test
  void everyMutantBreaksRequirementsThatExist() {
    assertThat(Mutant.values()).hasSizeGreaterThanOrEqualTo(PROMISED);
    assertThat(Arrays.stream(Mutant.values()).flatMap(mutant -> mutant.standsFor().stream()))
        .isSubsetOf(Requirements.read().texts().keySet());
  }
}
