package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.Bridge;
import dev.drover.client.DefaultSockets;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BridgeProgramTest { // R14
  @TempDir private Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(InputStream in, String... arguments) {
    return run(in, out, arguments);
  }

  private int run(InputStream in, OutputStream out, String... arguments) {
    return BridgeProgram.run(
        List.of(arguments),
        new DefaultSockets(directory.resolve("system.sock"), directory.resolve("session.sock")),
        in,
        out,
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private ServerSocketChannel listen(String name) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return server.bind(UnixDomainSocketAddress.of(directory.resolve(name)));
  }

  private static String read(SocketChannel client, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining() && client.read(buffer) >= 0) {}
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }

  @Test
  void bytesGoBothWaysUntilTheDaemonEnds() throws Exception {
    try (ServerSocketChannel server = listen("a.sock");
        PipedOutputStream typed = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(typed)) {
      CompletableFuture<Integer> code =
          CompletableFuture.supplyAsync(
              () -> run(in, "--socket", directory.resolve("a.sock").toString()));
      try (SocketChannel client = server.accept()) {
        typed.write("ping".getBytes(StandardCharsets.UTF_8));
        typed.flush();
        assertThat(read(client, 4)).isEqualTo("ping");
        client.write(ByteBuffer.wrap("pong".getBytes(StandardCharsets.UTF_8)));
      }
      assertThat(code.get()).isZero();
      assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("drover-bridge/1\npong");
    }
  }

  @Test
  void theEndOfTheClientEndsItToo() throws Exception {
    try (ServerSocketChannel server = listen("session.sock")) {
      CompletableFuture<Integer> code =
          CompletableFuture.supplyAsync(
              () -> run(new ByteArrayInputStream("bye".getBytes(StandardCharsets.UTF_8))));
      try (SocketChannel client = server.accept()) {
        assertThat(read(client, 10)).isEqualTo("bye");
        assertThat(code.get()).isZero();
      }
    }
  }

  @Test
  void aClientThatEndsWhileItIsWrittenToIsNoFailure() throws Exception {
    PipedOutputStream typed = new PipedOutputStream();
    try (ServerSocketChannel server = listen("session.sock");
        PipedInputStream in = new PipedInputStream(typed)) {
      CompletableFuture<SocketChannel> daemon = new CompletableFuture<>();
      OutputStream leaving =
          new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
              if (octet == '!') {
                typed.close();
                assertThat(read(daemon.join(), 1)).isEmpty();
              }
            }
          };
      CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> run(in, leaving));
      try (SocketChannel client = server.accept()) {
        daemon.complete(client);
        client.write(ByteBuffer.wrap(new byte[] {'!'}));
        assertThat(code.get()).isZero();
      }
    }
  }

  @Test
  void eachDaemonHasItsWord() throws Exception {
    assertThat(run(InputStream.nullInputStream(), "--system")).isEqualTo(Bridge.NO_DAEMON);
    assertThat(run(InputStream.nullInputStream(), "--session")).isEqualTo(Bridge.NO_DAEMON);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("system.sock: No such file or directory"),
            line -> assertThat(line).contains("session.sock: No such file or directory"));
    assertThat(out.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--socket", "--sockets /x", "/x", "--system --session", "--socket /a b"})
  void otherWordsAreRefused(String words) {
    assertThat(run(InputStream.nullInputStream(), words.split(" "))).isEqualTo(64);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("usage: drover bridge");
  }
}
