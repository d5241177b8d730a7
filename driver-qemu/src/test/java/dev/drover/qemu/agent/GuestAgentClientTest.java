package dev.drover.qemu.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.qemu.agent.GuestAgentException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** D14, R22: an agent that answers, one that does not, and one that lies. */
@Timeout(60)
class GuestAgentClientTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration BRIEF = Duration.ofMillis(200);
  @TempDir Path directory;
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private FakeAgent agent;

  @BeforeEach
  void listen() throws IOException {
    agent = FakeAgent.listening(directory.resolve("agent"));
  }

  @AfterEach
  void close() throws IOException {
    agent.close();
    timers.shutdownNow();
  }

  private GuestAgentClient client() {
    return new GuestAgentClient(directory.resolve("agent"), timers);
  }

  private static Kind fails(ThrowingCallable call) {
    return catchThrowableOfType(GuestAgentException.class, call).kind();
  }

  @Test
  void commandsAreAskedAfterTheAgentHasRepeatedTheNumber() throws GuestAgentException {
    assertThat(client().freeze(PATIENCE)).isEqualTo(2);
    assertThat(client().thaw(PATIENCE)).isEqualTo(2);
    agent.answers(_ -> FakeAgent.returns("\"frozen\""));
    assertThat(client().status(PATIENCE)).isEqualTo(FreezeStatus.FROZEN);
    assertThat(agent.asked())
        .containsExactly(
            "{\"execute\": \"guest-fsfreeze-freeze\"}",
            "{\"execute\": \"guest-fsfreeze-thaw\"}",
            "{\"execute\": \"guest-fsfreeze-status\"}");
  }

  @Test
  void whatAnEarlierClientWasAnsweredIsSkipped() throws GuestAgentException {
    agent.syncs(
        number ->
            FakeAgent.returns("7")
                + "\u00ff"
                + FakeAgent.returns("1")
                + "\u00ff"
                + FakeAgent.returns(number));
    assertThat(client().thaw(PATIENCE)).isEqualTo(2);
  }

  @Test
  void aRefusalIsToldInTheAgentsWords() {
    agent.answers(
        _ ->
            "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"the agent is\\u001b[2J in"
                + " frozen state\"}}\n");
    GuestAgentException refused =
        catchThrowableOfType(GuestAgentException.class, () -> client().freeze(PATIENCE));
    assertThat(refused.kind()).isEqualTo(Kind.REFUSED);
    assertThat(refused).hasMessageContaining("in frozen state").hasMessageNotContaining("\u001b");
  }

  @Test
  void silenceEndsWithTheTime() {
    agent.answers(_ -> "");
    assertThat(fails(() -> client().freeze(BRIEF))).isEqualTo(Kind.SILENT);
    agent.syncs(_ -> "");
    assertThat(fails(() -> client().thaw(BRIEF))).isEqualTo(Kind.SILENT);
  }

  @Test
  void anAgentThatSendsWithoutEndIsGivenUp() { // hostile guest
    agent.answers(_ -> "x".repeat(AgentLines.LIMIT + 1));
    assertThat(fails(() -> client().freeze(PATIENCE))).isEqualTo(Kind.GARBLED);
    agent.syncs(_ -> "y".repeat(AgentLines.LIMIT + 1));
    assertThat(fails(() -> client().freeze(PATIENCE))).isEqualTo(Kind.GARBLED);
  }

  @Test
  void answersThatNoAgentGivesAreGarbled() { // hostile guest
    for (String reply :
        List.of(
            "no json\n",
            "\n",
            "[]\n",
            "{\"return\": -1}\n",
            "{\"return\": 99999999999}\n",
            "{\"return\": \"many\"}\n",
            "{\"return\": " + "[".repeat(1000) + "]".repeat(1000) + "}\n")) {
      agent.answers(_ -> reply);
      assertThat(fails(() -> client().freeze(PATIENCE))).as(reply).isEqualTo(Kind.GARBLED);
    }
    agent.answers(_ -> FakeAgent.returns("\"melting\""));
    assertThat(fails(() -> client().status(PATIENCE))).isEqualTo(Kind.GARBLED);
  }

  @Test
  void withoutAChannelThereIsNoAgent() {
    GuestAgentClient nobody = new GuestAgentClient(directory.resolve("nothing"), timers);
    assertThat(fails(() -> nobody.freeze(PATIENCE))).isEqualTo(Kind.NO_CHANNEL);
  }
}
