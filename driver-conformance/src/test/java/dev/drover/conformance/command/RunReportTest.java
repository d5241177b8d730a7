package dev.drover.conformance.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.conformance.suite.ConformanceReport;
import dev.drover.conformance.suite.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {
  private static RunReport report(RunReport.Result... results) {
    return new RunReport(
        "test:///default",
        new ConformanceReport("test-default", "Test 1.0"),
        List.of(results),
        Duration.ofMillis(1500));
  }

  private static RunReport.Result result(String id, Outcome outcome) {
    return new RunReport.Result(id, "what it shows", outcome, Duration.ofMillis(20));
  }

  @Test
  void aFailureIsOneInJunitsFormToo(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("junit.xml");
    RunReport report =
        report(
            result("ACases.one", new Outcome.Passed()),
            result("ACases.two[x < y OFF]", new Outcome.Failed("expected <a>\nbut was \u001b[b")),
            result("BCases.three", new Outcome.DeclaredUnsupported("NO: refused")),
            result("Coverage", new Outcome.Failed("something is missing")));

    report.writeJunit(file);

    assertThat(report.failed()).isEqualTo(2);
    assertThat(report.summary()).isEqualTo("1 passed, 1 declared unsupported, 2 failed in 1.5 s");
    assertThat(Files.readString(file))
        .contains(
            "tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"1\" time=\"1.500\"",
            "<testcase classname=\"ACases\" name=\"two[x &lt; y OFF]\" time=\"0.020\"><failure"
                + " message=\"expected &lt;a&gt;\">expected &lt;a&gt;\n"
                + "but was ?[b</failure>",
            "<testcase classname=\"Coverage\" name=\"what it shows\"",
            "<skipped message=\"NO: refused\"/>");
  }

  @Test
  void whatIsOutOfReachIsNeitherPassedNorRefused(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("junit.xml");
    RunReport report =
        report(
            result("ACases.one", new Outcome.Passed()),
            result("ACases.two", new Outcome.BeyondReach("a limit of a day")));

    report.writeJunit(file);

    assertThat(report.summary())
        .isEqualTo("1 passed, 0 declared unsupported, 0 failed, 1 out of reach in 1.5 s");
    assertThat(Files.readString(file))
        .contains("skipped=\"1\"", "<skipped message=\"a limit of a day\"/>");
  }
}
