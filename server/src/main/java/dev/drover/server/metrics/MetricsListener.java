package dev.drover.server.metrics;

import dev.drover.server.config.ListenAddress;
import dev.drover.server.config.MetricsAddress;
import dev.drover.server.state.SocketFile;
import dev.drover.server.state.StateException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves metrics over HTTP, on a thread of its own, so that neither calls nor domains hold a scrape
 * up. What it takes from others is bounded (R29): {@value #MOST_CONNECTIONS} connections, requests
 * of {@value #REQUEST_BYTES} bytes, thirty seconds of silence.
 */
public final class MetricsListener implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(MetricsListener.class);

  static final int MOST_CONNECTIONS = 32;
  private static final int REQUEST_BYTES = 8192;
  private static final Duration SILENCE = Duration.ofSeconds(30);
  private static final Duration LONGEST_END = Duration.ofSeconds(2);

  private final MetricsAddress address;
  private final EventLoopGroup thread;
  private final Channel channel;

  private MetricsListener(MetricsAddress address, EventLoopGroup thread, Channel channel) {
    this.address = address;
    this.thread = thread;
    this.channel = channel;
  }

  /**
   * Begins to listen.
   *
   * @param executor threads on which metrics are collected
   * @throws StateException where the address cannot be used
   */
  public static MetricsListener start(
      MetricsAddress address, Exposition exposition, ExecutorService executor) {
    EventLoopGroup thread = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try {
      ServerBootstrap bootstrap =
          new ServerBootstrap().group(thread).childHandler(connections(exposition, executor));
      Channel channel =
          switch (address) {
            case MetricsAddress.Tcp tcp ->
                bind(bootstrap.channel(EpollServerSocketChannel.class), resolved(tcp.address()));
            case MetricsAddress.Unix unix -> {
              SocketFile.prepare(unix.path());
              Channel bound =
                  bind(
                      bootstrap.channel(EpollServerDomainSocketChannel.class),
                      new DomainSocketAddress(unix.path().toFile()));
              SocketFile.restrict(unix.path(), false);
              yield bound;
            }
          };
      log.info("metrics are served at {}", channel.localAddress());
      return new MetricsListener(address, thread, channel);
    } catch (RuntimeException | Error e) {
      end(thread);
      throw e;
    }
  }

  private static ChannelInitializer<Channel> connections(
      Exposition exposition, ExecutorService executor) {
    AtomicInteger open = new AtomicInteger();
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel connection) {
        connection.closeFuture().addListener(_ -> open.decrementAndGet());
        if (open.incrementAndGet() > MOST_CONNECTIONS) {
          log.warn("more than {} connections for metrics; one was closed", MOST_CONNECTIONS);
          var _ = connection.close();
          return;
        }
        connection
            .pipeline()
            .addLast(new IdleStateHandler(0, 0, SILENCE.toSeconds(), TimeUnit.SECONDS))
            .addLast(new HttpServerCodec())
            .addLast(new HttpObjectAggregator(REQUEST_BYTES))
            .addLast(new ScrapeHandler(exposition, executor));
      }
    };
  }

  private static InetSocketAddress resolved(ListenAddress listen) {
    InetSocketAddress address = new InetSocketAddress(listen.host(), listen.port());
    if (address.isUnresolved()) {
      throw new StateException("metrics.listen: the host " + listen.host() + " is not known");
    }
    return address;
  }

  private static Channel bind(ServerBootstrap bootstrap, SocketAddress address) {
    var bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new StateException(
          "metrics.listen: the daemon cannot listen: " + bound.cause().getMessage(), bound.cause());
    }
    return bound.channel();
  }

  /** Where it listens on TCP; empty: it does not. */
  public Optional<InetSocketAddress> tcp() {
    return channel.localAddress() instanceof InetSocketAddress tcp
        ? Optional.of(tcp)
        : Optional.empty();
  }

  private static void end(EventLoopGroup thread) {
    thread
        .shutdownGracefully(0, LONGEST_END.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(LONGEST_END.toMillis());
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly(LONGEST_END.toMillis());
    end(thread);
    if (address instanceof MetricsAddress.Unix unix) {
      SocketFile.remove(unix.path());
    }
  }
}
