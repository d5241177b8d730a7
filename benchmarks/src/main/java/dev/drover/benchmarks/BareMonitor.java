package dev.drover.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * QMP as a script speaks it: one command after the other, each read until its answer. Nothing is
 * faster, so it is what Drover is measured against. Used by one thread.
 */
final class BareMonitor implements AutoCloseable {

  private final JsonMapper json = JsonMapper.builder().build();
  private final SocketChannel channel;
  private final BufferedReader reader;
  private final CompletableFuture<Void> deadline;
  private final Deque<JsonNode> events = new ArrayDeque<>();

  private ObjectNode sent = arguments();

  /** The monitor is closed: QEMU ended, or took too long. */
  static final class ClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    ClosedException() {
      super("the monitor is closed: QEMU ended, or took too long");
    }
  }

  private BareMonitor(SocketChannel channel, Duration life) {
    this.channel = channel;
    this.reader =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
    this.deadline =
        CompletableFuture.runAsync(
            this::disconnect,
            CompletableFuture.delayedExecutor(life.toMillis(), TimeUnit.MILLISECONDS));
  }

  /**
   * Connects to a monitor that listens and leaves the greeting behind.
   *
   * @param life after this time the connection breaks, and with it whatever waits
   */
  static BareMonitor connect(Path socket, Duration life) throws IOException {
    BareMonitor monitor =
        new BareMonitor(SocketChannel.open(UnixDomainSocketAddress.of(socket)), life);
    var _ = monitor.read();
    var _ = monitor.execute("qmp_capabilities");
    return monitor;
  }

  /** An empty object to be filled with arguments. */
  static ObjectNode arguments() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** Runs a command without arguments. */
  JsonNode execute(String command) {
    return execute(command, arguments());
  }

  /**
   * Runs a command.
   *
   * @return what it returned
   * @throws IllegalStateException where QEMU refuses it
   */
  JsonNode execute(String command, ObjectNode arguments) {
    send(command, arguments);
    return answer();
  }

  /** Sends a command whose answer nobody waits for yet. */
  void send(String command, ObjectNode arguments) {
    ObjectNode message = arguments();
    message.put("execute", command);
    if (!arguments.isEmpty()) {
      message.set("arguments", arguments);
    }
    write(message.toString() + "\n");
    sent = message;
  }

  /**
   * Waits for the answer to the command that was sent.
   *
   * @return what it returned
   * @throws IllegalStateException where QEMU refuses it
   * @throws ClosedException where QEMU ends instead
   */
  JsonNode answer() {
    while (true) {
      JsonNode answer = read();
      if (answer.has("event")) {
        events.add(answer);
      } else if (answer.has("return")) {
        return answer.get("return");
      } else {
        throw new IllegalStateException(sent + " was refused: " + answer);
      }
    }
  }

  /** Waits until a job has this status. */
  void await(String job, String status) {
    while (true) {
      JsonNode event = events.isEmpty() ? read() : events.remove();
      JsonNode data = event.path("data");
      if (event.path("event").asText().equals("JOB_STATUS_CHANGE")
          && data.path("id").asText().equals(job)) {
        if (data.path("status").asText().equals(status)) {
          return;
        }
        if (data.path("status").asText().equals("concluded")) {
          throw new IllegalStateException("job ended: " + execute("query-jobs"));
        }
      }
    }
  }

  private void write(String line) {
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    try {
      while (bytes.hasRemaining()) {
        var _ = channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode read() {
    try {
      String line = reader.readLine();
      if (line == null) {
        throw new ClosedException();
      }
      return json.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void disconnect() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    deadline.cancel(false);
    disconnect();
  }
}
