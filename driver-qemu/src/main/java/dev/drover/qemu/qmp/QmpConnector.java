package dev.drover.qemu.qmp;

import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketCredentials;

/** Opens sockets. A starting QEMU listens after 20 to 60 ms, so trying again is quick. */
final class QmpConnector {
  private static final Duration RETRY_INTERVAL = Duration.ofMillis(5);

  private QmpConnector() {}

  static QmpConnection connect(QmpEventLoop loop, Path socket, Duration deadline)
      throws IOException {
    return negotiate(loop, open(socket), socket, deadline);
  }

  static QmpConnection connectWhenListening(
      QmpEventLoop loop, Path socket, Duration deadline, BooleanSupplier alive) throws IOException {
    long end = System.nanoTime() + deadline.toNanos();
    while (true) {
      boolean wasAlive = alive.getAsBoolean();
      Duration left = Duration.ofNanos(end - System.nanoTime());
      try {
        return negotiate(loop, open(socket), socket, left);
      } catch (IOException e) {
        if (!wasAlive || left.compareTo(RETRY_INTERVAL) <= 0) {
          throw e;
        }
      }
      pause(loop, socket);
    }
  }

  private static void pause(QmpEventLoop loop, Path socket) {
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    loop.execute(() -> loop.schedule(RETRY_INTERVAL, () -> over.complete(true)));
    try {
      over.get(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QmpInterruptedException("QEMU to listen on " + socket, e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the QMP event loop does not run its timers", e);
    }
  }

  private static AFUNIXSocketChannel open(Path socket) throws IOException {
    AFUNIXSocketChannel channel = AFUNIXSocketChannel.open();
    try {
      channel.configureBlocking(false);
      if (!channel.connect(AFUNIXSocketAddress.of(socket))) {
        throw new SocketException("too many clients wait for the QMP socket " + socket);
      }
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw withPath(e, socket);
    }
  }

  private static IOException withPath(Exception failure, Path socket) {
    return new IOException(
        "cannot connect to the QMP socket %s: %s".formatted(socket, failure.getMessage()), failure);
  }

  private static QmpConnection negotiate(
      QmpEventLoop loop, AFUNIXSocketChannel channel, Path socket, Duration deadline)
      throws IOException {
    PeerCredentials peer;
    try {
      AFUNIXSocketCredentials credentials =
          Optional.ofNullable(channel.getPeerCredentials())
              .filter(present -> !present.isEmpty())
              .orElseThrow(
                  () -> new IOException("the system does not tell who listens on " + socket));
      peer = new PeerCredentials(credentials.getPid(), credentials.getUid(), credentials.getGid());
    } catch (IOException e) {
      channel.close();
      throw withPath(e, socket);
    }
    QmpSession session = new QmpSession(loop, channel, LineFramer.DEFAULT_LIMIT_BYTES);
    session.start(deadline);
    return QmpConnection.negotiate(session, peer, deadline);
  }
}
