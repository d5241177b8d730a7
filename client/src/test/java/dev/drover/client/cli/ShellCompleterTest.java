package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import dev.drover.v1.DomainState;
import dev.drover.v1.Job;
import dev.drover.v1.JobState;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShellCompleterTest {
  private final FakeDaemon daemon = new FakeDaemon();
  private final Surroundings surroundings = new CommandLineRun(daemon).surroundings();
  private final Connections connections = new Connections(surroundings);
  private final ShellCompleter completer =
      new ShellCompleter(
          new CommandRunner(surroundings, connections).everything(new GlobalOptions()),
          new ShellNames(() -> connections.get(new GlobalOptions()), Duration.ofMinutes(1)));

  @BeforeEach
  void domains() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 2);
    daemon.domains.add("old", DomainState.DOMAIN_STATE_SHUT_OFF, 0);
  }

  @AfterEach
  void close() throws InterruptedException {
    connections.close();
    daemon.close();
  }

  private List<String> complete(String before, String begun) {
    List<String> words = before.isEmpty() ? List.of() : List.of(before.split(" "));
    return completer.candidates(words, begun);
  }

  @Test
  void commandsComeFirst() {
    assertThat(complete("", "block")).contains("blockcommit", "job", "help", "quit");
    assertThat(complete("help", "")).contains("blockcommit").doesNotContain("quit");
    assertThat(complete("job", "")).contains("wait", "list").doesNotContain("blockcommit");
    assertThat(complete("--quiet", "")).contains("list");
  }

  @Test
  void optionsAreThoseOfTheCommand() {
    assertThat(complete("blockcommit web", "--"))
        .contains("--pivot", "--active", "--quiet")
        .doesNotContain("--redefine");
    assertThat(complete("-c", "")).isEmpty();
    assertThat(complete("list --output", "")).contains("TABLE", "JSON");
  }

  @Test
  void namesAreTheDaemons() {
    daemon.jobs.put(Job.newBuilder().setId("job-7").setState(JobState.JOB_STATE_RUNNING).build());

    assertThat(complete("start", "")).containsExactlyInAnyOrder("web", "old");
    assertThat(complete("job list --domain", "")).containsExactlyInAnyOrder("web", "old");
    assertThat(complete("blockcommit web", "")).contains("vda");
    assertThat(complete("snapshot-delete --children web", "")).contains("one", "side");
    assertThat(complete("job wait", "")).containsExactly("job-7");
    assertThat(complete("start web", "")).isEmpty();
    assertThat(complete("blockcommit", "")).contains("web");
    assertThat(complete("snapshot-create-as web", "")).isEmpty();
  }

  @Test
  void aDaemonThatDoesNotAnswerOffersNothing() throws InterruptedException {
    daemon.close();

    assertThat(complete("start", "")).isEmpty();
  }

  @Test
  void aTerminalOffersThem() throws IOException {
    assertThat(typed("dominf\twe\t\r")).contains("dominfo web");
    assertThat(typed("domstate 'my web'\r")).contains("domstate 'my web'");
  }

  @Test
  void aLineIsGivenUpAndTheEndIsTheEnd() throws IOException {
    assertThat(typed("\u0004")).isEmpty();
  }

  /** What a person's keys make of a line. */
  private Optional<String> typed(String keys) throws IOException {
    try (Terminal terminal =
            new ExternalTerminal(
                "keys",
                "ansi",
                new ByteArrayInputStream(keys.getBytes(StandardCharsets.UTF_8)),
                new ByteArrayOutputStream(),
                StandardCharsets.UTF_8);
        TerminalLines lines = new TerminalLines(terminal, Map.of(), completer)) {
      return lines.next("> ").map(String::strip);
    }
  }

  @Test
  void theHistoryIsKept(@TempDir Path state) throws IOException {
    try (Terminal terminal =
            new ExternalTerminal(
                "keys",
                "ansi",
                new ByteArrayInputStream("domstate web\r".getBytes(StandardCharsets.UTF_8)),
                new ByteArrayOutputStream(),
                StandardCharsets.UTF_8);
        TerminalLines lines =
            new TerminalLines(terminal, Map.of("XDG_STATE_HOME", state.toString()), completer)) {
      assertThat(lines.next("> ")).contains("domstate web");
    }
    assertThat(state.resolve("drover/history")).content().contains("domstate web");
  }
}
