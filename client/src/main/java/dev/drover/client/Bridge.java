package dev.drover.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The far end of the ssh transport: carries bytes between a daemon's unix socket and a pair of
 * streams, which ssh connects with the client (R14). The daemon sees the user of this process. Uses
 * nothing but the JDK, so that it starts at once.
 */
public final class Bridge {
  /** Exit code of a bridge that found no daemon; the shells and ssh use others. */
  public static final int NO_DAEMON = 69;

  /**
   * The first thing that a bridge says, once it has reached the daemon: what a login shell printed
   * before it is none of the daemon's bytes.
   */
  private static final String GREETING = "drover-bridge/1\n";

  private static final int CHUNK = 64 * 1024;

  private Bridge() {}

  static byte[] greeting() {
    return GREETING.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Carries bytes both ways until either side ends.
   *
   * @param socket the daemon's socket
   * @param in what goes to the daemon; read by a thread that ends with the stream
   * @param out what comes from it
   * @throws IOException where the daemon cannot be reached, or nobody reads what it says
   */
  public static void carry(Path socket, InputStream in, OutputStream out) throws IOException {
    try (SocketChannel daemon = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      out.write(greeting());
      out.flush();
      Thread.ofPlatform().daemon().name("to-daemon").start(() -> toDaemon(in, daemon));
      fromDaemon(daemon, out);
    }
  }

  /** Whatever ends this direction ends both, by closing the socket. */
  private static void toDaemon(InputStream in, SocketChannel daemon) {
    try (daemon) {
      byte[] bytes = new byte[CHUNK];
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
        while (buffer.hasRemaining()) {
          daemon.write(buffer);
        }
      }
    } catch (IOException e) {
      // The client or the daemon has gone; closing the socket is all there is to do about it.
      return;
    }
  }

  private static void fromDaemon(SocketChannel daemon, OutputStream out) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
    try {
      while (daemon.read(buffer) >= 0) {
        out.write(buffer.array(), 0, buffer.position());
        out.flush();
        buffer.clear();
      }
    } catch (ClosedChannelException e) {
      // The other direction has ended first, while this one read or before it did.
      return;
    }
  }
}
