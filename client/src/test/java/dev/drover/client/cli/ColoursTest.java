package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import dev.drover.v1.DomainState;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ColoursTest {
  private static final String ESCAPE = "\033[";

  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  @Test
  void onlyATerminalIsColoured() {
    daemon.domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 2);

    assertThat(drover.run("list").out()).doesNotContain(ESCAPE);
    assertThat(drover.run("start", "nobody").err()).doesNotContain(ESCAPE);
    drover.terminal();
    assertThat(drover.run("list").out())
        .startsWith(ESCAPE + "1m Id   Name   State" + ESCAPE + "0m\n-----");
    assertThat(drover.run("start", "nobody").err()).startsWith(ESCAPE + "31merror:" + ESCAPE);
    assertThat(drover.run("list", "-o", "json").out()).doesNotContain(ESCAPE);
  }

  @Test
  void noColorAndDumbTerminalsAreRespected() {
    assertThat(Colours.of(true, Map.of("TERM", "xterm")).on()).isTrue();
    assertThat(Colours.of(true, Map.of("NO_COLOR", "")).on()).isTrue();
    assertThat(Colours.of(true, Map.of("NO_COLOR", "1")).on()).isFalse();
    assertThat(Colours.of(true, Map.of("TERM", "dumb")).on()).isFalse();
    assertThat(Colours.of(false, Map.of()).on()).isFalse();
  }
}
