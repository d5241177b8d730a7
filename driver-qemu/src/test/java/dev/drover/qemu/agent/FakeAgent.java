package dev.drover.qemu.agent;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** An agent behind a socket that answers as a test wants, one client after another. */
public final class FakeAgent implements AutoCloseable {

  private static final String ERROR =
      "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error, stray\"}}\n";

  private final ServerSocketChannel server;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile UnaryOperator<String> sync = number -> ERROR + "\u00ff" + returns(number);
  private volatile UnaryOperator<String> answer = _ -> returns("2");

  private FakeAgent(ServerSocketChannel server) {
    this.server = server;
  }

  /** An agent that answers everything with 2. */
  public static FakeAgent listening(Path socket) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    FakeAgent agent = new FakeAgent(server);
    Thread.ofVirtual().start(agent::serve);
    return agent;
  }

  /** A result as agents send it. */
  public static String returns(String value) {
    return "{\"return\": " + value + "}\n";
  }

  /** Chooses the bytes that answer a request to repeat a number. */
  public void syncs(UnaryOperator<String> bytes) {
    sync = bytes;
  }

  /** Chooses the bytes that answer a command. */
  public void answers(UnaryOperator<String> bytes) {
    answer = bytes;
  }

  /** What was asked, without the numbers. */
  public List<String> asked() {
    return asked;
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
    BufferedReader lines =
        new BufferedReader(Channels.newReader(client, StandardCharsets.ISO_8859_1));
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

  @Override
  public void close() throws IOException {
    server.close();
  }
}
