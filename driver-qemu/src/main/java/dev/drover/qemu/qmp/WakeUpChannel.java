package dev.drover.qemu.qmp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.atomic.AtomicBoolean;
import org.newsclub.net.unix.AFUNIXSelectorProvider;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketPair;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a wait of the selector from another thread. A byte in a socket pair stays readable until it
 * is read, so that no signal is lost whatever the selector was doing.
 */
final class WakeUpChannel implements QmpEventLoop.ChannelHandler {
  private static final Logger logger = LoggerFactory.getLogger(WakeUpChannel.class);

  private final AFUNIXSocketChannel near;
  private final AFUNIXSocketChannel far;
  private final AtomicBoolean signalled = new AtomicBoolean();

  private WakeUpChannel(AFUNIXSocketChannel near, AFUNIXSocketChannel far) {
    this.near = near;
    this.far = far;
  }

  static WakeUpChannel open(Selector selector) throws IOException {
    AFUNIXSocketPair<AFUNIXSocketChannel> pair =
        AFUNIXSelectorProvider.provider().openSocketChannelPair();
    WakeUpChannel channel = new WakeUpChannel(pair.getSocket1(), pair.getSocket2());
    channel.near.configureBlocking(false);
    channel.far.configureBlocking(false);
    channel.near.register(selector, SelectionKey.OP_READ, channel);
    return channel;
  }

  /** Any thread, after what is to be noticed has been made visible. */
  void signal() {
    if (signalled.compareAndSet(false, true)) {
      try {
        far.write(ByteBuffer.wrap(new byte[] {1}));
      } catch (ClosedChannelException e) {
        // The loop has ended; whoever signals finds that out by itself.
        signalled.set(false);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot wake the QMP event loop", e);
      }
    }
  }

  /** The flag falls before the loop looks at its tasks, so a later task writes a new byte. */
  @Override
  public void readable(ByteBuffer buffer) throws IOException {
    buffer.clear();
    near.read(buffer);
    signalled.set(false);
  }

  @Override
  public void writable() {}

  @Override
  public void hungUp(ByteBuffer buffer) throws IOException {
    throw new IOException("the QMP event loop lost its wake-up channel");
  }

  @Override
  public void failed(Throwable cause) {
    logger.debug("The QMP event loop ends", cause);
  }

  void close() throws IOException {
    near.close();
    far.close();
  }
}
