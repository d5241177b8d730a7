package dev.drover.dist.watch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A unix socket that passes bytes on to another one, until it is told to cut every connection. */
final class SocketRelay implements AutoCloseable {

  private static final int BUFFER = 1 << 16;

  private final UnixDomainSocketAddress target;
  private final ServerSocketChannel server;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

  /**
   * Opens it.
   *
   * @param listen its own socket
   * @param target the socket that it passes on to
   */
  SocketRelay(Path listen, Path target) throws IOException {
    this.target = UnixDomainSocketAddress.of(target);
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(listen));
    Thread.startVirtualThread(this::acceptAll);
  }

  /** Cuts every connection in the middle of what it carries; new ones are passed on again. */
  void cut() {
    open.forEach(SocketRelay::end);
    open.clear();
  }

  private void acceptAll() {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        SocketChannel daemon = SocketChannel.open(target);
        open.add(client);
        open.add(daemon);
        Thread.startVirtualThread(() -> pass(client, daemon));
        Thread.startVirtualThread(() -> pass(daemon, client));
      } catch (IOException e) {
        if (server.isOpen()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void pass(SocketChannel from, SocketChannel to) {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try {
      while (from.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          to.write(buffer);
        }
        buffer.clear();
      }
    } catch (IOException e) {
      // Either end is gone, which is what this is for; the other one is ended below.
    }
    end(from);
    end(to);
    open.remove(from);
    open.remove(to);
  }

  private static void end(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }
}
