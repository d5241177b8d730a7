package dev.drover.qemu.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drover.qemu.probe.QmpSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Speaks QMP on a unix socket as a test tells it to. Every command it receives is checked against a
 * captured schema. Commands given to {@link #expect} must come in that order; commands given to
 * {@link #always} may come at any time. Anything else is a violation, and {@link #verify} reports
 * it.
 */
public final class FakeQemu implements AutoCloseable {
  private static final Duration THREAD_END = Duration.ofSeconds(5);

  /** The greeting of a QEMU without out-of-band execution. */
  public static final String GREETING =
      """
      {"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "fake"}, \
      "capabilities": []}}\
      """;

  private final QmpSchema schema;
  private final ServerSocketChannel server;
  private final Thread thread;
  private final ObjectMapper json = new ObjectMapper();
  private final Object lock = new Object();
  private final ArrayDeque<Step> script = new ArrayDeque<>();
  private final Map<String, Step> standing = new HashMap<>();
  private final List<JsonNode> received = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private Optional<SocketChannel> client = Optional.empty();
  private String greeting = GREETING;
  private boolean stuckInSecondAccept;
  private int rejects;

  /** What the fake does when one command comes. */
  public static final class Step {
    private final String command;
    private final FakeQemu fake;
    private Predicate<JsonNode> arguments = any -> true;
    private final List<String> before = new ArrayList<>();
    private final List<String> after = new ArrayList<>();
    private Optional<String> answer = Optional.of("\"return\": {}");
    private boolean hangUp;

    private Step(String command, FakeQemu fake) {
      this.command = command;
      this.fake = fake;
    }

    /** Only arguments that pass are what the script meant. */
    public Step withArguments(Predicate<JsonNode> expected) {
      arguments = expected;
      return this;
    }

    /** Sends an event before the answer. */
    public Step emitBefore(String event, String data) {
      before.add(FakeQemu.event(event, data));
      return this;
    }

    /** Sends an event after the answer. */
    public Step emitAfter(String event, String data) {
      after.add(FakeQemu.event(event, data));
      return this;
    }

    /** Answers success. */
    public FakeQemu thenReturn(String result) {
      answer = Optional.of("\"return\": " + result);
      return fake;
    }

    /** Answers an error. */
    public FakeQemu thenFail(String errorClass, String description) {
      answer =
          Optional.of(
              "\"error\": {\"class\": \"%s\", \"desc\": \"%s\"}"
                  .formatted(errorClass, description));
      return fake;
    }

    /** Never answers. */
    public FakeQemu thenStaySilent() {
      answer = Optional.empty();
      return fake;
    }

    /** Closes the connection instead of answering. */
    public FakeQemu thenHangUp() {
      answer = Optional.empty();
      hangUp = true;
      return fake;
    }
  }

  private FakeQemu(Path socket, QmpSchema schema) throws IOException {
    this.schema = schema;
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    this.thread = Thread.ofPlatform().name("fake-qemu").daemon().unstarted(this::serve);
  }

  /** Starts listening. */
  public static FakeQemu listening(Path socket, QmpSchema schema) {
    try {
      FakeQemu fake = new FakeQemu(socket, schema);
      fake.thread.start();
      return fake;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends another first line; an empty one is none at all. */
  public FakeQemu greeting(String line) {
    synchronized (lock) {
      greeting = line;
    }
    return this;
  }

  /** Negotiates only after another client came, as a QEMU does that lost its race with itself. */
  public FakeQemu stuckInSecondAccept() {
    synchronized (lock) {
      stuckInSecondAccept = true;
    }
    return this;
  }

  /** Hangs up on the next clients before it has greeted them. */
  public FakeQemu rejecting(int clients) {
    synchronized (lock) {
      rejects = clients;
    }
    return this;
  }

  /** The next command of the script. The step answers {@code {}} unless told otherwise. */
  public Step expect(String command) {
    Step step = new Step(command, this);
    synchronized (lock) {
      script.add(step);
    }
    return step;
  }

  /** A command that may come any number of times. */
  public Step always(String command) {
    Step step = new Step(command, this);
    synchronized (lock) {
      standing.put(command, step);
    }
    return step;
  }

  /** Sends an event now. */
  public void emit(String event, String data) {
    send(event(event, data) + "\r\n");
  }

  /** Sends bytes now, be they QMP or not. */
  public void send(String text) {
    synchronized (lock) {
      try {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          client.orElseThrow().write(bytes);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Closes the connection as a dying QEMU would. */
  public void hangUp() {
    synchronized (lock) {
      try {
        client.orElseThrow().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The names of the commands received so far. */
  public List<String> receivedNames() {
    synchronized (lock) {
      return received.stream().map(FakeQemu::nameOf).toList();
    }
  }

  /** The commands received so far. */
  public List<JsonNode> received() {
    synchronized (lock) {
      return List.copyOf(received);
    }
  }

  /** Fails when a command broke the schema or the script, or when the script is not over. */
  public void verify() {
    synchronized (lock) {
      List<String> problems = new ArrayList<>(violations);
      script.forEach(step -> problems.add("never received " + step.command));
      if (!problems.isEmpty()) {
        throw new AssertionError(String.join("\n", problems));
      }
    }
  }

  private void serve() {
    try {
      while (server.isOpen()) {
        SocketChannel accepted = server.accept();
        synchronized (lock) {
          if (rejects > 0) {
            rejects--;
            accepted.close();
            continue;
          }
          client = Optional.of(accepted);
          if (!greeting.isEmpty()) {
            send(greeting + "\r\n");
          }
        }
        serve(accepted);
      }
    } catch (IOException | UncheckedIOException e) {
      recordUnlessClosed(e);
    }
  }

  private void serve(SocketChannel accepted) {
    LineFramer framer = new LineFramer(LineFramer.DEFAULT_LIMIT_BYTES);
    ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
    try (accepted) {
      while (accepted.read(bytes.clear()) >= 0) {
        framer.feed(bytes.flip(), this::handle);
      }
    } catch (IOException | UncheckedIOException e) {
      if (accepted.isOpen()) {
        recordUnlessClosed(e);
      }
    }
  }

  private void recordUnlessClosed(Exception e) {
    synchronized (lock) {
      if (server.isOpen()) {
        violations.add("the fake failed: " + e);
      }
    }
  }

  private void handle(byte[] line, int offset, int length) {
    synchronized (lock) {
      JsonNode message = read(line, offset, length);
      received.add(message);
      String name = nameOf(message);
      JsonNode arguments =
          message.has("arguments") ? message.get("arguments") : json.createObjectNode();
      schema.validate(name, arguments).forEach(problem -> violations.add("schema: " + problem));
      if (name.equals("qmp_capabilities")) {
        awaitSecondClient();
        answer(message, Optional.of("\"return\": {}"));
        return;
      }
      Step step = script.peek();
      if (step != null && step.command.equals(name)) {
        script.remove();
      } else {
        step = standing.get(name);
      }
      if (step == null) {
        violations.add("did not expect " + message);
        answer(
            message,
            Optional.of("\"error\": {\"class\": \"GenericError\", \"desc\": \"unexpected\"}"));
        return;
      }
      if (!step.arguments.test(arguments)) {
        violations.add("did not expect these arguments: " + message);
      }
      step.before.forEach(event -> send(event + "\r\n"));
      answer(message, step.answer);
      step.after.forEach(event -> send(event + "\r\n"));
      if (step.hangUp) {
        hangUp();
      }
    }
  }

  private void awaitSecondClient() {
    if (stuckInSecondAccept) {
      try {
        server.accept().close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private JsonNode read(byte[] line, int offset, int length) {
    try {
      return json.readTree(line, offset, length);
    } catch (IOException e) {
      throw new UncheckedIOException("the fake received a line that is not JSON", e);
    }
  }

  private void answer(JsonNode message, Optional<String> body) {
    body.ifPresent(present -> send("{%s, \"id\": %s}\r\n".formatted(present, message.get("id"))));
  }

  private static String nameOf(JsonNode message) {
    return ((ObjectNode) message).has("exec-oob")
        ? message.get("exec-oob").textValue()
        : message.path("execute").asText();
  }

  private static String event(String name, String data) {
    return "{\"timestamp\": {\"seconds\": 1700000000, \"microseconds\": 5}, \"event\": \"%s\","
            .formatted(name)
        + " \"data\": %s}".formatted(data);
  }

  @Override
  public void close() {
    try {
      server.close();
      synchronized (lock) {
        if (client.isPresent()) {
          client.get().close();
        }
      }
      thread.join(THREAD_END);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
