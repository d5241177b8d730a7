package dev.drover.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules for the text of the sources, which no compiler reads. */
class SourceRulesTest {

  private static final int MOST_LINES = 600;

  /** Assembled from two halves so that this file keeps its own rule. */
  private static final Pattern LEFT_OVER =
      Pattern.compile("\\b(" + "TO" + "DO|FIX" + "ME|XX" + "X)\\b");

  @Test
  void everyFileHasOneSubjectAndStaysShort() {
    assertThat(sources().filter(file -> lines(file).size() > MOST_LINES)).isEmpty();
  }

  @Test
  void nothingIsLeftForLater() {
    assertThat(sources().filter(file -> lines(file).stream().anyMatch(LEFT_OVER.asPredicate())))
        .isEmpty();
  }

  @Test
  void rulesSeeTheSources() {
    assertThat(sources().map(Path::getFileName).map(Path::toString))
        .contains("SourceRulesTest.java", "errors.proto", "Driver.java");
  }

  private static Stream<Path> sources() {
    return Stream.concat(Modules.sources(".java").stream(), Modules.sources(".proto").stream());
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new AssertionError(file + " cannot be read", e);
    }
  }
}
