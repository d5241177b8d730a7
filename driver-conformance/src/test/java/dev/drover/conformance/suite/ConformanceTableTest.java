package dev.drover.conformance.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the table makes of reports (R16). */
class ConformanceTableTest {

  @TempDir private Path reports;

  @Test
  void runsOfOneDriverShareColumnsAndDifferencesAreNamed() throws IOException {
    report(
        "one-in-process",
        "One 1.0",
        "C1\tOFF\t2\t0",
        "C1\tPAUSED\t3\t0",
        "A1\t-\t4\t0",
        "INTERNAL_MEMORY/REVERT\tPAUSED\t5\t0");
    report(
        "one-socket",
        "One 1.0",
        "C1\tOFF\t2\t0",
        "C1\tPAUSED\t2\t1",
        "A1\t-\t4\t0",
        "INTERNAL_MEMORY/REVERT\tPAUSED\t5\t0");
    report(
        "two",
        "Two 7.2 (Debian 1:7.2)",
        "C1\tOFF\t0\t0\tno offline jobs",
        "C1\tPAUSED\t1\t0",
        "A1\t-\t4\t0");

    String table =
        ConformanceTable.of(
            reports,
            new Requirements(texts("A1", "starts", "C1", "commits", "D14", "quiesces")),
            new DeclaredCells(
                texts(
                    "C1 RUNNING", "not here",
                    "D14 OFF", "not yet",
                    "D14 PAUSED", "not yet",
                    "D14 RUNNING", "not yet")));

    assertThat(table.lines())
        .contains(
            "| id | requirement | One 1.0: off | paused | running | Two 7.2: off | paused | running"
                + " |",
            "| C1 | commits | pass (2) | one-in-process: pass (3); one-socket: FAILED (1), pass (2)"
                + " | – <sup>1</sup> | unsupported <sup>2</sup> | pass (1) | – <sup>1</sup> |",
            "| D14 | quiesces | – <sup>3</sup> | – <sup>3</sup> | – <sup>3</sup>"
                + " | – <sup>3</sup> | – <sup>3</sup> | – <sup>3</sup> |",
            "| A1 | starts | pass (4) | pass (4) |",
            "| kind | operation | One 1.0: off | paused | running | Two 7.2: off | paused | running"
                + " |",
            "| internal with memory | revert |  | pass (5) |  |  |  |  |",
            "1. not here",
            "2. no offline jobs",
            "3. not yet");
  }

  private void report(String target, String driver, String... tallies) throws IOException {
    Files.writeString(
        reports.resolve(target + ".tsv"),
        String.join("\n", target, driver, "some cases", String.join("\n", tallies)) + "\n");
  }

  private static Map<String, String> texts(String... pairs) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      texts.put(pairs[i], pairs[i + 1]);
    }
    return texts;
  }
}
