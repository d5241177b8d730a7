package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import dev.drover.v1.DomainState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CommandShellTest {
  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);
  private final List<String> prompts = new ArrayList<>();

  @BeforeEach
  void domains() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 2);
    daemon.domains.add("old", DomainState.DOMAIN_STATE_SHUT_OFF, 0);
  }

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  private CommandLineRun.Result type(String... lines) {
    Queue<String> typed = new ArrayDeque<>(List.of(lines));
    return drover.inside(
        surroundings -> {
          try (Connections connections = new Connections(surroundings)) {
            CommandRunner runner = new CommandRunner(surroundings, connections);
            return new CommandShell(
                    runner,
                    new GlobalOptions(),
                    surroundings,
                    prompt -> {
                      prompts.add(prompt);
                      return Optional.ofNullable(typed.poll());
                    })
                .run();
          }
        });
  }

  @Test
  void runsWhatIsTypedUntilTheEnd() {
    CommandLineRun.Result result = type("domstate web", "", "domstate old; domid web");

    assertThat(result.code()).isZero();
    assertThat(result.out())
        .startsWith("Drover, the interactive terminal.\n")
        .endsWith("running\n\n\n\nshut off\n\n2\n\n\n");
    assertThat(prompts).containsExactly("drover # ", "drover # ", "drover # ", "drover # ");
  }

  @Test
  void aFailureIsToldAndEndsNothing() {
    CommandLineRun.Result result = type("domstate no; domid web", "domstate 'web", "domstate web");

    assertThat(result.err()).contains("error: ", "line:1: a ' is not closed");
    assertThat(result.out()).doesNotContain("2\n").endsWith("running\n\n\n");
  }

  @Test
  void quitLeaves() {
    type("domstate web; quit", "domstate web");

    assertThat(prompts).hasSize(1);
  }

  @Test
  void helpIsThere() {
    assertThat(type("help domstate").out()).contains("drover domstate");
  }
}
