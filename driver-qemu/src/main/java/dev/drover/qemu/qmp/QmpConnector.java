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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens sockets. A starting QEMU listens after 20 to 60 ms, so trying again is quick. */
final class QmpConnector {
  private static final Logger logger = LoggerFactory.getLogger(QmpConnector.class);
  private static final Duration RETRY_INTERVAL = Duration.ofMillis(5);
  private static final Duration NUDGE_INTERVAL = Duration.ofMillis(500);

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
      } catch (IOException | QmpConnectionLostException e) {
        // A living QEMU also hangs up: on a client that its second accept (see nudgeLater) takes
        // while it still remembers the one before.
        if (!wasAlive || left.compareTo(RETRY_INTERVAL) <= 0) {
          throw e;
        }
        logger.debug("Connecting to {} again", socket, e);
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

  /**
   * A QEMU to which one connects while it starts may wait for ever in a second {@code accept}: its
   * main thread and its monitor thread both saw the one client. Seen in about 1 of 1000 starts of
   * 7.2; the command is read and never answered. Another client, gone at once, ends that wait and
   * is otherwise ignored.
   */
  private static void nudgeLater(QmpEventLoop loop, QmpSession session, Path socket) {
    loop.schedule(
        NUDGE_INTERVAL,
        () -> {
          if (session.state() == QmpConnection.State.NEGOTIATING) {
            nudge(socket);
            nudgeLater(loop, session, socket);
          }
        });
  }

  private static void nudge(Path socket) {
    try (AFUNIXSocketChannel second = open(socket)) {
      logger.info(
          "QEMU is slow to negotiate on {}; knocked with a second client {}", socket, second);
    } catch (IOException e) {
      logger.info("QEMU is slow to negotiate on {}, and takes no second client", socket, e);
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
    loop.execute(() -> nudgeLater(loop, session, socket));
    return QmpConnection.negotiate(session, peer, deadline);
  }
}
