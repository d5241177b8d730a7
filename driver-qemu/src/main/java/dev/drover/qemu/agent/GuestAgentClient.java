package dev.drover.qemu.agent;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.drover.qemu.agent.GuestAgentException.Kind;
import dev.drover.spi.DurationWords;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Asks the agent of one guest, one exchange at a time on a connection of its own: nothing that an
 * earlier exchange left behind is taken for an answer, since each begins with a number that the
 * agent must repeat. Every exchange ends within its time, whatever the guest does. Blocks; to be
 * called on virtual threads.
 */
public final class GuestAgentClient {

  private static final int MOST_NESTED = 32;
  private static final byte SENTINEL = (byte) 0xff;

  private final Path socket;
  private final ScheduledExecutorService timers;
  private final JsonMapper json =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MOST_NESTED)
                          .maxStringLength(AgentLines.LIMIT)
                          .build())
                  .build())
          .build();

  /**
   * A client of the agent behind a socket.
   *
   * @param timers wakes exchanges whose time is over
   */
  public GuestAgentClient(Path socket, ScheduledExecutorService timers) {
    this.socket = socket;
    this.timers = timers;
  }

  /**
   * Freezes the guest's file systems ({@code guest-fsfreeze-freeze}). Where this fails the guest
   * may be frozen all the same, so that whoever asked for it thaws it in any case.
   *
   * @return number of file systems
   */
  public int freeze(Duration atMost) throws GuestAgentException {
    return count(ask("guest-fsfreeze-freeze", atMost));
  }

  /**
   * Thaws the guest's file systems ({@code guest-fsfreeze-thaw}); those that are not frozen stay as
   * they are.
   *
   * @return number of file systems
   */
  public int thaw(Duration atMost) throws GuestAgentException {
    return count(ask("guest-fsfreeze-thaw", atMost));
  }

  /** Asks whether the file systems are frozen ({@code guest-fsfreeze-status}). */
  public FreezeStatus status(Duration atMost) throws GuestAgentException {
    JsonNode answer = ask("guest-fsfreeze-status", atMost);
    return switch (answer.asText()) {
      case "thawed" -> FreezeStatus.THAWED;
      case "frozen" -> FreezeStatus.FROZEN;
      default -> throw garbled("guest-fsfreeze-status", "'%s'".formatted(shortened(answer)));
    };
  }

  private JsonNode ask(String command, Duration atMost) throws GuestAgentException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      ScheduledFuture<?> end =
          timers.schedule(() -> close(channel), atMost.toNanos(), TimeUnit.NANOSECONDS);
      try {
        connect(channel);
        return exchange(channel, command);
      } catch (IOException e) {
        throw new GuestAgentException(
            Kind.SILENT,
            "the guest's agent did not answer %s within %s"
                .formatted(command, DurationWords.of(atMost)),
            e);
      } finally {
        end.cancel(false);
      }
    } catch (IOException e) {
      throw new GuestAgentException(Kind.NO_CHANNEL, "no socket can be made: " + e.getMessage(), e);
    }
  }

  private void connect(SocketChannel channel) throws GuestAgentException {
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new GuestAgentException(
          Kind.NO_CHANNEL,
          "the channel of the guest's agent cannot be opened: " + e.getMessage(),
          e);
    }
  }

  private JsonNode exchange(SocketChannel channel, String command)
      throws IOException, GuestAgentException {
    AgentLines lines = new AgentLines(channel);
    long number = ThreadLocalRandom.current().nextLong(1, Integer.MAX_VALUE);
    ByteBuffer sync =
        StandardCharsets.UTF_8.encode(
            "{\"execute\": \"guest-sync-delimited\", \"arguments\": {\"id\": %d}}\n"
                .formatted(number));
    channel.write(ByteBuffer.wrap(new byte[] {SENTINEL}));
    write(channel, sync);
    while (result("guest-sync-delimited", lines.afterSentinel()).asLong() != number) {
      // The answer to a client that gave up.
    }
    write(channel, StandardCharsets.UTF_8.encode("{\"execute\": \"%s\"}\n".formatted(command)));
    return result(command, lines.line());
  }

  private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private JsonNode result(String command, String line) throws GuestAgentException {
    JsonNode answer;
    try {
      answer = json.readTree(line);
    } catch (JsonProcessingException e) {
      throw new GuestAgentException(
          Kind.GARBLED, "the guest's agent answered %s with no JSON".formatted(command), e);
    }
    if (answer.has("error")) {
      throw new GuestAgentException(
          Kind.REFUSED,
          "the guest's agent refused %s: %s"
              .formatted(command, shortened(answer.path("error").path("desc"))));
    }
    if (!answer.has("return")) {
      throw garbled(command, "neither a result nor an error");
    }
    return answer.path("return");
  }

  private static int count(JsonNode answer) throws GuestAgentException {
    if (!answer.canConvertToInt() || answer.intValue() < 0) {
      throw garbled("a question for a number", "'%s'".formatted(shortened(answer)));
    }
    return answer.intValue();
  }

  private static GuestAgentException garbled(String command, String what) {
    return new GuestAgentException(
        Kind.GARBLED, "the guest's agent answered %s with %s".formatted(command, what));
  }

  /** What a guest says goes into messages in small pieces, and without what moves a cursor. */
  private static String shortened(JsonNode text) {
    String plain = text.asText().replaceAll("\\p{Cntrl}", " ");
    return plain.length() <= 200 ? plain : plain.substring(0, 200) + "...";
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("a socket cannot be closed", e);
    }
  }
}
