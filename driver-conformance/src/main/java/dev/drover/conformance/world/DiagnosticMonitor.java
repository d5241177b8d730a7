package dev.drover.conformance.world;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The second QMP monitor of a running QEMU, which the driver leaves to others. QEMU's {@code
 * qemu-io} monitor command reads and writes through a disk's device, as its guest would.
 */
final class DiagnosticMonitor implements AutoCloseable {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final SocketChannel socket;
  private final BufferedReader reader;

  DiagnosticMonitor(Path path) {
    try {
      socket = SocketChannel.open(StandardProtocolFamily.UNIX);
      var _ = socket.connect(UnixDomainSocketAddress.of(path));
      reader = new BufferedReader(Channels.newReader(socket, StandardCharsets.UTF_8));
      greeted(reader);
      var _ = execute("qmp_capabilities", JSON.createObjectNode());
    } catch (IOException e) {
      throw new UncheckedIOException("no monitor at " + path, e);
    }
  }

  /** What QEMU had left for whoever was connected before may come first. */
  private static void greeted(BufferedReader reader) throws IOException {
    String line = reader.readLine();
    while (line != null && !line.contains("\"QMP\"")) {
      line = reader.readLine();
    }
    assertThat(line).as("the greeting").isNotNull();
  }

  /** Runs a qemu-io command on the device of a disk. */
  void io(String target, String command) {
    ObjectNode arguments = JSON.createObjectNode();
    arguments.put(
        "command-line",
        "qemu-io -d /machine/peripheral/disk-%s/virtio-backend \"%s\"".formatted(target, command));
    String answer = execute("human-monitor-command", arguments).get("return").textValue();
    assertThat(answer).as("%s on %s", command, target).isBlank();
  }

  /** Whether the guest's processors run. */
  boolean guestRuns() {
    return execute("query-status", JSON.createObjectNode())
        .path("return")
        .path("running")
        .booleanValue();
  }

  private JsonNode execute(String command, ObjectNode arguments) {
    ObjectNode request = JSON.createObjectNode();
    request.put("execute", command);
    request.set("arguments", arguments);
    try {
      var _ = socket.write(StandardCharsets.UTF_8.encode(request + "\n"));
      while (true) {
        String line = reader.readLine();
        assertThat(line).as("an answer to %s", command).isNotNull();
        JsonNode message = JSON.readTree(line);
        assertThat(message.has("error")).as("%s: %s", command, line).isFalse();
        if (message.has("return")) {
          return message;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no answer to " + command, e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the monitor does not close", e);
    }
  }
}
