package dev.drover.conformance.run;

import dev.drover.conformance.ConformancePolicy;
import dev.drover.conformance.SilentCollector;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.server.config.DaemonConfig;
import dev.drover.spi.DriverLimits;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A daemon of a run and the channel to it, which can be started again on the same state. */
final class DaemonRun implements AutoCloseable {

  /** How the daemon is reached. */
  enum Way {
    /** Inside this process. */
    IN_PROCESS,
    /** Over a unix socket, as every other client. */
    SOCKET
  }

  /** So few jobs copy at a time that a case can fill the places, and more than any other needs. */
  static final DriverLimits LIMITS = new DriverLimits(0, 3, 0, 100);

  private final SilentCollector collector = SilentCollector.start();
  private final EmbeddedDaemon.Plan plan;
  private final Way way;
  private final String name = "conformance-" + UUID.randomUUID();
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private EmbeddedDaemon daemon;
  private ManagedChannel channel;

  private DaemonRun(EmbeddedDaemon.Plan plan, Way way) {
    Path policy = ConformancePolicy.in(plan.directory());
    EmbeddedDaemon.Plan limited = plan.limits(LIMITS);
    this.plan =
        limited.config(
            limited
                .config()
                .withAccess(new DaemonConfig.Access(Optional.of(policy), false))
                .withTracing(new DaemonConfig.Tracing(collector.endpoint(), 0)));
    this.way = way;
    this.daemon = daemon();
    this.channel = connect();
  }

  static DaemonRun start(EmbeddedDaemon.Plan plan, Way way) {
    return new DaemonRun(plan, way);
  }

  ManagedChannel channel() {
    return channel;
  }

  void restart() {
    disconnect();
    daemon.close();
    daemon = daemon();
    channel = connect();
  }

  @Override
  public void close() {
    disconnect();
    daemon.close();
    collector.close();
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
  }

  private EmbeddedDaemon daemon() {
    return switch (way) {
      case IN_PROCESS -> plan.inProcess(name);
      case SOCKET -> plan.onSocket(socket());
    };
  }

  private ManagedChannel connect() {
    return switch (way) {
      case IN_PROCESS -> InProcessChannelBuilder.forName(name).build();
      case SOCKET ->
          NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket()))
              .channelType(NioDomainSocketChannel.class)
              .eventLoopGroup(loop)
              .withOption(ChannelOption.SO_KEEPALIVE, null)
              .usePlaintext()
              .overrideAuthority("localhost")
              .build();
    };
  }

  private Path socket() {
    return plan.directory().resolve("droverd.sock");
  }

  private void disconnect() {
    channel.shutdownNow();
    try {
      if (!channel.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new AssertionError("the channel does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while disconnecting", e);
    }
  }
}
