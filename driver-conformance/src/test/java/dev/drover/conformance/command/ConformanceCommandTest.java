package dev.drover.conformance.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.server.EmbeddedDaemon;
import dev.drover.test.TestDriverProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R16: the suite as a program, against a daemon that somebody else has started. */
class ConformanceCommandTest {
  @TempDir Path directory;

  private record Result(int code, String out, String err) {}

  private static Result run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        ConformanceCommand.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            arguments);
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private EmbeddedDaemon daemon(Path socket) {
    return EmbeddedDaemon.in(directory.resolve("daemon"), new TestDriverProvider())
        .onSocket(socket);
  }

  @Test
  void casesRunAgainstAnyAddress() throws IOException {
    Path socket = directory.resolve("s.sock");
    Path junit = directory.resolve("junit.xml");
    Path markdown = directory.resolve("table.md");
    try (EmbeddedDaemon _ = daemon(socket)) {
      Result result =
          run(
              "run",
              "--connect",
              "test+unix:///default?socket=" + socket,
              "--only",
              "OnceCases,r27",
              "--verbose",
              "--junit",
              junit.toString(),
              "--markdown",
              markdown.toString());

      assertThat(result.err()).isEmpty();
      assertThat(result.code()).isZero();
      assertThat(result.out())
          .contains(
              "passed       OnceCases.define: ",
              "unsupported  LifecycleCases.adoption: ",
              ", 1 declared unsupported, 0 failed in ");
    }
    assertThat(Files.readString(junit))
        .contains("<testcase classname=\"OnceCases\" name=\"define\"", "<skipped message=");
    assertThat(Files.readString(markdown)).contains("**test-default**", "| R7 |");
  }

  @Test
  void aTemplateMayReplaceTheSmallDomain() throws IOException {
    Path socket = directory.resolve("s.sock");
    Path template =
        Files.writeString(directory.resolve("domain.json"), "{\"memoryBytes\": 134217728}");
    try (EmbeddedDaemon _ = daemon(socket)) {
      assertThat(
              run(
                  "run",
                  "-c",
                  "test+unix:///default?socket=" + socket,
                  "--only",
                  "OnceCases.define",
                  "--domain-template",
                  template.toString()))
          .matches(result -> result.code() == 0 && result.out().contains("1 passed"));
    }
  }

  @Test
  void whatCannotBeRunIsTold() throws IOException {
    Path template =
        Files.writeString(directory.resolve("domain.json"), "{\"disks\": [{\"target\": \"vda\"}]}");

    assertThat(run("run", "--only", "nosuch"))
        .isEqualTo(
            new Result(
                2, "", "error: no case is meant by nosuch; see 'drover conformance list'\n"));
    assertThat(run("run", "-c", "test+unix:///default?socket=/nowhere/s").err())
        .startsWith("error: test:///default cannot be tested: ");
    assertThat(run("run", "-c", "xen+unix:///system?socket=/nowhere/s").err())
        .contains("driver 'xen' is not known here");
    assertThat(run("run", "--domain-template", template.toString()).err()).contains("has disks");
    assertThat(run("run", "--private").err()).contains("is not there to be started");
    assertThat(run("run", "-c", "nonsense").code()).isEqualTo(2);
  }

  @Test
  void casesAreListed() {
    assertThat(run("list", "C4").out())
        .contains("CommitCases.intermediateCommit[C4 (-, snap2, shallow) OFF]")
        .doesNotContain("OnceCases");
  }
}
