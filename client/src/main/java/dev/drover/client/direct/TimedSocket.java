package dev.drover.client.direct;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.InterruptedByTimeoutException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A connection to a unix socket that waits no longer than until a moment. One thread uses it; any
 * may close it, which ends a wait with a {@link java.nio.channels.ClosedSelectorException}.
 */
final class TimedSocket implements AutoCloseable {
  private final Selector selector;
  private final SocketChannel channel;
  private final SelectionKey key;
  private final long end;

  /**
   * Makes it, not connected.
   *
   * @param end the moment on the clock of {@link System#nanoTime}
   */
  TimedSocket(long end) throws IOException {
    this.end = end;
    this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    this.channel.configureBlocking(false);
    this.selector = Selector.open();
    this.key = channel.register(selector, 0);
  }

  /**
   * Connects.
   *
   * @throws InterruptedByTimeoutException where the moment has come; so do the other methods
   */
  void connect(Path path) throws IOException {
    if (!channel.connect(UnixDomainSocketAddress.of(path))) {
      await(SelectionKey.OP_CONNECT);
      channel.finishConnect();
    }
  }

  /** Writes all of it. */
  void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        await(SelectionKey.OP_WRITE);
      }
    }
  }

  /**
   * Reads what there is, waiting for the first byte.
   *
   * @throws EOFException where the other end has closed
   */
  void read(ByteBuffer bytes) throws IOException {
    int read = channel.read(bytes);
    while (read == 0) {
      await(SelectionKey.OP_READ);
      read = channel.read(bytes);
    }
    if (read < 0) {
      throw new EOFException("the daemon closed the connection");
    }
  }

  private void await(int operation) throws IOException {
    key.interestOps(operation);
    long left = end - System.nanoTime();
    if (left <= 0) {
      throw new InterruptedByTimeoutException();
    }
    // Up to a millisecond later, so that no wait is one of zero, which has no end.
    selector.select(TimeUnit.NANOSECONDS.toMillis(left) + 1);
    if (Thread.currentThread().isInterrupted()) {
      throw new ClosedByInterruptException();
    }
    selector.selectedKeys().clear();
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      selector.close();
    }
  }
}
