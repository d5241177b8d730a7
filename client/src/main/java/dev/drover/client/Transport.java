package dev.drover.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A channel and what it runs on.
 *
 * @param channel the channel
 * @param endpoint what it reaches, for messages
 * @param release frees what the channel ran on, after the channel was shut down
 */
record Transport(ManagedChannel channel, String endpoint, Runnable release)
    implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(5);

  /**
   * A channel to a unix socket. Uses Java's own sockets, so that no native library is needed (R13).
   */
  static Transport unix(Path socket) {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioDomainSocketChannel.class)
            .eventLoopGroup(loop)
            // Unix sockets do not have what gRPC sets for TCP; Netty would warn at every
            // connection.
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            // The address of a unix socket is no valid HTTP/2 authority.
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    return new Transport(channel, "unix socket " + socket, () -> end(loop));
  }

  /** The same, made only for the first call. */
  static Transport unixWhenCalled(Path socket) {
    LateChannel channel = new LateChannel(() -> unix(socket));
    return new Transport(channel, "unix socket " + socket, channel::release);
  }

  /**
   * A channel over TCP in mutual TLS 1.3.
   *
   * @throws DroverException INVALID_ARGUMENT where the certificate's files cannot be used
   */
  static Transport tls(ConnectionUri.Target.Tls target) {
    SslContext context = ClientTls.context(target.pki());
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(target.host(), target.port())
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(loop)
            .sslContext(context)
            .build();
    return new Transport(channel, target.authority(), () -> end(loop));
  }

  /**
   * A channel whose connections ssh processes carry.
   *
   * @param ask true where ssh may ask somebody on the terminal
   */
  static Transport ssh(ConnectionUri.Target.Ssh target, boolean ask) {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    List<String> command = SshCommand.words(target, ask);
    SshAttempts attempts = new SshAttempts();
    ManagedChannel channel =
        new RenewedChannel(
            () ->
                NettyChannelBuilder.forAddress(new SshChannel.Address(target))
                    .channelFactory(() -> new SshChannel(target, command, attempts))
                    .eventLoopGroup(loop)
                    .withOption(ChannelOption.SO_KEEPALIVE, null)
                    .overrideAuthority("localhost")
                    .usePlaintext()
                    .build());
    return new Transport(channel, "ssh host " + target.authority(), () -> end(loop));
  }

  private static void end(EventLoopGroup loop) {
    loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).awaitUninterruptibly(GRACE.toMillis());
  }

  /** Ends the calls under way, then the channel, then its threads. */
  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    release.run();
  }
}
