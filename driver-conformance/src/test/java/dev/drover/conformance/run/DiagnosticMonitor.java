package dev.drover.conformance.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
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

  private final SocketChannel socket;
  private final BufferedReader reader;

  DiagnosticMonitor(Path path) {
    try {
      socket = SocketChannel.open(StandardProtocolFamily.UNIX);
      var _ = socket.connect(UnixDomainSocketAddress.of(path));
      reader = new BufferedReader(Channels.newReader(socket, StandardCharsets.UTF_8));
      assertThat(JsonParser.parseString(reader.readLine()).getAsJsonObject().has("QMP")).isTrue();
      var _ = execute("qmp_capabilities", new JsonObject());
    } catch (IOException e) {
      throw new UncheckedIOException("no monitor at " + path, e);
    }
  }

  /** Runs a qemu-io command on the device of a disk. */
  void io(String target, String command) {
    JsonObject arguments = new JsonObject();
    arguments.addProperty(
        "command-line",
        "qemu-io -d /machine/peripheral/disk-%s/virtio-backend \"%s\"".formatted(target, command));
    String answer = execute("human-monitor-command", arguments).get("return").getAsString();
    assertThat(answer).as("%s on %s", command, target).isBlank();
  }

  /** Whether the guest's processors run. */
  boolean guestRuns() {
    return execute("query-status", new JsonObject())
        .getAsJsonObject("return")
        .get("running")
        .getAsBoolean();
  }

  private JsonObject execute(String command, JsonObject arguments) {
    JsonObject request = new JsonObject();
    request.addProperty("execute", command);
    request.add("arguments", arguments);
    try {
      var _ = socket.write(StandardCharsets.UTF_8.encode(request + "\n"));
      while (true) {
        String line = reader.readLine();
        assertThat(line).as("an answer to %s", command).isNotNull();
        JsonObject message = JsonParser.parseString(line).getAsJsonObject();
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
