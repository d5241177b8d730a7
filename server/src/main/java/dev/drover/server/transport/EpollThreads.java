package dev.drover.server.transport;

import dev.drover.server.config.DaemonConfig.KeepAlive;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The event loops of one listening socket, and what all such sockets have in common. */
final class EpollThreads implements AutoCloseable {

  private static final Duration QUIET = Duration.ZERO;
  private static final Duration LONGEST_END = Duration.ofSeconds(2);

  private final EventLoopGroup accepting =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final EventLoopGroup serving =
      new MultiThreadIoEventLoopGroup(0, EpollIoHandler.newFactory());

  NettyServerBuilder serve(NettyServerBuilder builder, KeepAlive keepAlive) {
    return builder
        .bossEventLoopGroup(accepting)
        .workerEventLoopGroup(serving)
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
