package dev.drover.qemu.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.qemu.agent.GuestAgentException.Kind;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.UnaryOperator;
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
  private static final String ERROR =
      "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error, stray\"}}\n";

  @TempDir Path directory;
  private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private ServerSocketChannel server;
  private volatile UnaryOperator<String> sync = number -> ERROR + "\u00ff" + returns(number);
  private volatile UnaryOperator<String> answer = _ -> returns("2");

  @BeforeEach
  void listen() throws IOException {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(directory.resolve("agent")));
    Thread.ofVirtual().start(this::serve);
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    timers.shutdownNow();
  }

  private void serve() {
    while (server.isOpen()) {
      try (SocketChannel client = server.accept()) {
        talk(client);
      } catch (IOException e) {
        // The client gave up, or the test is over.
      }
    }
  }

  private void talk(SocketChannel client) throws IOException {
    var lines = new java.io.BufferedReader(Channels.newReader(client, StandardCharsets.ISO_8859_1));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      boolean first = line.contains("guest-sync-delimited");
      if (!first) {
        asked.add(line);
      }
      String reply = first ? sync.apply(line.replaceAll("\\D", "")) : answer.apply(line);
      ByteBuffer bytes = ByteBuffer.wrap(reply.getBytes(StandardCharsets.ISO_8859_1));
      while (bytes.hasRemaining()) {
        client.write(bytes);
      }
    }
  }

  private GuestAgentClient client() {
    return new GuestAgentClient(directory.resolve("agent"), timers);
  }

  private static String returns(String value) {
    return "{\"return\": " + value + "}\n";
  }

  private static Kind fails(ThrowingCallable call) {
    return catchThrowableOfType(GuestAgentException.class, call).kind();
  }

  @Test
  void commandsAreAskedAfterTheAgentHasRepeatedTheNumber() throws GuestAgentException {
    assertThat(client().freeze(PATIENCE)).isEqualTo(2);
    assertThat(client().thaw(PATIENCE)).isEqualTo(2);
    answer = _ -> returns("\"frozen\"");
    assertThat(client().status(PATIENCE)).isEqualTo(FreezeStatus.FROZEN);
    assertThat(asked)
        .containsExactly(
            "{\"execute\": \"guest-fsfreeze-freeze\"}",
            "{\"execute\": \"guest-fsfreeze-thaw\"}",
            "{\"execute\": \"guest-fsfreeze-status\"}");
  }

  @Test
  void whatAnEarlierClientWasAnsweredIsSkipped() throws GuestAgentException {
    sync = number -> returns("7") + "\u00ff" + returns("1") + "\u00ff" + returns(number);
    assertThat(client().thaw(PATIENCE)).isEqualTo(2);
  }

  @Test
  void aRefusalIsToldInTheAgentsWords() {
    answer =
        _ ->
            "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"the agent is\\u001b[2J in"
                + " frozen state\"}}\n";
    GuestAgentException refused =
        catchThrowableOfType(GuestAgentException.class, () -> client().freeze(PATIENCE));
    assertThat(refused.kind()).isEqualTo(Kind.REFUSED);
    assertThat(refused).hasMessageContaining("in frozen state").hasMessageNotContaining("\u001b");
  }

  @Test
  void silenceEndsWithTheTime() {
    answer = _ -> "";
    assertThat(fails(() -> client().freeze(BRIEF))).isEqualTo(Kind.SILENT);
    sync = _ -> "";
    assertThat(fails(() -> client().thaw(BRIEF))).isEqualTo(Kind.SILENT);
  }

  @Test
  void anAgentThatSendsWithoutEndIsGivenUp() { // hostile guest
    answer = _ -> "x".repeat(AgentLines.LIMIT + 1);
    assertThat(fails(() -> client().freeze(PATIENCE))).isEqualTo(Kind.GARBLED);
    sync = _ -> "y".repeat(AgentLines.LIMIT + 1);
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
      answer = _ -> reply;
      assertThat(fails(() -> client().freeze(PATIENCE))).as(reply).isEqualTo(Kind.GARBLED);
    }
    answer = _ -> returns("\"melting\"");
    assertThat(fails(() -> client().status(PATIENCE))).isEqualTo(Kind.GARBLED);
  }

  @Test
  void withoutAChannelThereIsNoAgent() {
    GuestAgentClient nobody = new GuestAgentClient(directory.resolve("nothing"), timers);
    assertThat(fails(() -> nobody.freeze(PATIENCE))).isEqualTo(Kind.NO_CHANNEL);
  }
}
