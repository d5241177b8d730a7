package dev.drover.server.transport;

import dev.drover.server.config.DaemonConfig.KeepAlive;
import dev.drover.server.state.SocketFile;
import io.grpc.ServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Calls over a unix socket; the kernel says who makes them. */
public final class UnixTransport implements ServerTransport {

  private static final Duration QUIET = Duration.ZERO;
  private static final Duration LONGEST_END = Duration.ofSeconds(2);

  private final Path path;
  private final PeerIdentity peers;
  private final KeepAlive keepAlive;
  private final int callsPerConnection;
  private final EventLoopGroup accepting =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final EventLoopGroup serving =
      new MultiThreadIoEventLoopGroup(0, EpollIoHandler.newFactory());

  /** Makes the transport; the socket appears when the server starts. */
  public UnixTransport(Path path, PeerIdentity peers, KeepAlive keepAlive, int callsPerConnection) {
    this.path = path;
    this.peers = peers;
    this.keepAlive = keepAlive;
    this.callsPerConnection = callsPerConnection;
  }

  @Override
  public ServerBuilder<?> builder() {
    SocketFile.prepare(path);
    return NettyServerBuilder.forAddress(
            new DomainSocketAddress(path.toFile()), peers.credentials())
        .channelType(EpollServerDomainSocketChannel.class)
        .bossEventLoopGroup(accepting)
        .workerEventLoopGroup(serving)
        .maxConcurrentCallsPerConnection(callsPerConnection)
        .keepAliveTime(keepAlive.time().toSeconds(), TimeUnit.SECONDS)
        .keepAliveTimeout(keepAlive.timeout().toSeconds(), TimeUnit.SECONDS)
        .permitKeepAliveTime(keepAlive.permitted().toSeconds(), TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true);
  }

  @Override
  public void close() {
    end(serving);
    end(accepting);
  }

  private static void end(EventLoopGroup threads) {
    threads
        .shutdownGracefully(QUIET.toMillis(), LONGEST_END.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(LONGEST_END.toMillis());
  }
}
