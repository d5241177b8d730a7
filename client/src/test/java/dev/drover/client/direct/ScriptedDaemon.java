package dev.drover.client.direct;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What answers one connection with bytes of the test's, and waits for the other end to close. */
final class ScriptedDaemon implements AutoCloseable {
  /** What is done with a connection after the request's headers have arrived. */
  @FunctionalInterface
  interface Script {
    void play(Peer peer) throws IOException;
  }

  private final ServerSocketChannel server;
  private final CompletableFuture<Void> played;
  private final CompletableFuture<Void> called = new CompletableFuture<>();

  ScriptedDaemon(Path socket, Script script) {
    try {
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    played =
        CompletableFuture.runAsync(
            () -> {
              try (SocketChannel channel = server.accept()) {
                Peer peer = new Peer(channel);
                peer.await("grpc-timeout".getBytes(StandardCharsets.US_ASCII));
                called.complete(null);
                script.play(peer);
                peer.awaitEnd();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            Executors.newVirtualThreadPerTaskExecutor());
  }

  /** Waits until the headers of a call have arrived. */
  void awaitCall() throws Exception {
    called.get(10, TimeUnit.SECONDS);
  }

  /** One end of the connection. */
  static final class Peer {
    private final SocketChannel channel;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    private Peer(SocketChannel channel) {
      this.channel = channel;
    }

    /** Sends bytes, written as hexadecimal digits; blanks between them say nothing. */
    Peer send(String hexadecimal) throws IOException {
      return send(HexFormat.of().parseHex(hexadecimal.replace(" ", "")));
    }

    Peer send(byte[] bytes) throws IOException {
      ByteBuffer out = ByteBuffer.wrap(bytes);
      while (out.hasRemaining()) {
        channel.write(out);
      }
      return this;
    }

    /** The same to who may have heard enough before and gone. */
    Peer sendInVain(byte[] bytes) {
      try {
        return send(bytes);
      } catch (IOException e) {
        assertThat(e).hasMessageMatching("Broken pipe|Connection reset.*");
        return this;
      }
    }

    /** Waits until this was received, written as hexadecimal digits. */
    Peer await(String hexadecimal) throws IOException {
      return await(HexFormat.of().parseHex(hexadecimal.replace(" ", "")));
    }

    private Peer await(byte[] wanted) throws IOException {
      ByteBuffer in = ByteBuffer.allocate(4096);
      while (!contains(received.toByteArray(), wanted)) {
        if (channel.read(in) < 0) {
          throw new AssertionError("closed before it sent what was awaited");
        }
        received.write(in.array(), 0, in.position());
        in.clear();
      }
      return this;
    }

    /** Closes without a word. */
    void hangUp() throws IOException {
      channel.close();
    }

    private void awaitEnd() {
      ByteBuffer in = ByteBuffer.allocate(4096);
      try {
        while (channel.isOpen() && channel.read(in) >= 0) {
          in.clear();
        }
      } catch (IOException e) {
        // That is how a socket ends whose other end has not read everything.
        assertThat(e).hasMessageContaining("Connection reset");
      }
    }

    private static boolean contains(byte[] all, byte[] wanted) {
      for (int at = 0; at + wanted.length <= all.length; at++) {
        if (Arrays.equals(all, at, at + wanted.length, wanted, 0, wanted.length)) {
          return true;
        }
      }
      return false;
    }
  }

  /** Fails where the script did. */
  @Override
  public void close() {
    try (server) {
      played.get(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("the script was not played to its end", e);
    } catch (IOException | ExecutionException | TimeoutException e) {
      throw new AssertionError("the script was not played to its end", e);
    }
  }
}
