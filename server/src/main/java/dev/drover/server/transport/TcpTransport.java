package dev.drover.server.transport;

import dev.drover.server.config.DaemonConfig.KeepAlive;
import dev.drover.server.config.ListenAddress;
import dev.drover.server.state.StateException;
import dev.drover.server.tls.LiveTls;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls over TCP, all of them in mutual TLS; the client's certificate says who makes them. */
public final class TcpTransport implements ServerTransport {

  private static final Logger log = LoggerFactory.getLogger(TcpTransport.class);

  private final ListenAddress listen;
  private final LiveTls live;
  private final TlsIdentity peers;
  private final KeepAlive keepAlive;
  private final int callsPerConnection;
  private final EpollThreads threads = new EpollThreads();

  /** Makes the transport; it listens when the server starts. */
  public TcpTransport(
      ListenAddress listen,
      LiveTls live,
      TlsIdentity peers,
      KeepAlive keepAlive,
      int callsPerConnection) {
    this.listen = listen;
    this.live = live;
    this.peers = peers;
    this.keepAlive = keepAlive;
    this.callsPerConnection = callsPerConnection;
  }

  @Override
  public ServerBuilder<?> builder() {
    InetSocketAddress address = new InetSocketAddress(listen.host(), listen.port());
    if (address.isUnresolved()) {
      throw new StateException("tls.listen: the host " + listen.host() + " is not known");
    }
    return threads
        .serve(
            NettyServerBuilder.forAddress(address, peers.credentials())
                .channelType(EpollServerSocketChannel.class),
            keepAlive)
        .maxConcurrentCallsPerConnection(callsPerConnection);
  }

  @Override
  public void listening(Server server) {
    log.info("TLS clients are served at {}:{}", listen.host(), server.getPort());
  }

  @Override
  public void close() {
    live.close();
    threads.close();
  }
}
