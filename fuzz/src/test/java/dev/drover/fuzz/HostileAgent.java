package dev.drover.fuzz;

import dev.drover.qemu.agent.GuestAgentClient;
import dev.drover.qemu.agent.GuestAgentException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A guest that answers for its agent whatever it likes. Its first byte tells whether it repeats the
 * number that begins an exchange, without which nothing else is looked at.
 */
public final class HostileAgent {

  private static final Duration PATIENCE = Duration.ofMillis(200);
  private static final Pattern NUMBER = Pattern.compile("\"id\": (\\d+)");

  private static final AtomicReference<byte[]> ANSWER = new AtomicReference<>(new byte[0]);
  private static final GuestAgentClient CLIENT = client();

  private HostileAgent() {}

  /** One exchange. */
  public static void fuzzerTestOneInput(byte[] input) {
    ANSWER.set(input);
    try {
      int frozen = CLIENT.freeze(PATIENCE);
      if (frozen < 0) {
        throw new AssertionError("let through: " + frozen);
      }
    } catch (GuestAgentException e) {
      String message = e.getMessage();
      if (message == null || message.length() > 1000) {
        throw new AssertionError("what a guest says is told at length, or not at all", e);
      }
    }
  }

  private static GuestAgentClient client() {
    try {
      Path socket = Files.createTempDirectory("drover-fuzz-").resolve("agent.sock");
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofPlatform().daemon().start(() -> serve(server));
      return new GuestAgentClient(
          socket,
          Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void serve(ServerSocketChannel server) {
    try {
      while (true) {
        try (SocketChannel client = server.accept()) {
          answer(client, ANSWER.get());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void answer(SocketChannel client, byte[] answer) {
    try {
      ByteBuffer asked = ByteBuffer.allocate(4096);
      Matcher number = NUMBER.matcher("");
      while (!number.find()) {
        if (client.read(asked) < 0) {
          return;
        }
        number =
            NUMBER.matcher(
                new String(asked.array(), 0, asked.position(), StandardCharsets.ISO_8859_1));
      }
      if (answer.length > 0 && answer[0] % 2 == 0) {
        byte[] repeated =
            "?{\"return\": %s}\n".formatted(number.group(1)).getBytes(StandardCharsets.US_ASCII);
        repeated[0] = (byte) 0xff;
        client.write(ByteBuffer.wrap(repeated));
      }
      client.write(
          ByteBuffer.wrap(answer, Math.min(1, answer.length), Math.max(0, answer.length - 1)));
    } catch (IOException e) {
      // The client has heard enough.
      return;
    }
  }
}
