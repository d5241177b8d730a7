package dev.drover.server.transport;

import dev.drover.server.config.DaemonConfig.KeepAlive;
import dev.drover.server.state.SocketFile;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;

/** Calls over a unix socket; the kernel says who makes them. */
public final class UnixTransport implements ServerTransport {

  private final Path path;
  private final PeerIdentity peers;
  private final KeepAlive keepAlive;
  private final int callsPerConnection;
  private final boolean everybody;
  private final EpollThreads threads = new EpollThreads();

  /**
   * Makes the transport; the socket appears when the server starts.
   *
   * @param everybody whether every user of the host may connect
   */
  public UnixTransport(
      Path path,
      PeerIdentity peers,
      KeepAlive keepAlive,
      int callsPerConnection,
      boolean everybody) {
    this.path = path;
    this.peers = peers;
    this.keepAlive = keepAlive;
    this.callsPerConnection = callsPerConnection;
    this.everybody = everybody;
  }

  @Override
  public ServerBuilder<?> builder() {
    SocketFile.prepare(path);
    return threads
        .serve(
            NettyServerBuilder.forAddress(
                    new DomainSocketAddress(path.toFile()), peers.credentials())
                .channelType(EpollServerDomainSocketChannel.class),
            keepAlive)
        .maxConcurrentCallsPerConnection(callsPerConnection);
  }

  @Override
  public void listening(Server server) {
    SocketFile.restrict(path, everybody);
  }

  @Override
  public void ended() {
    SocketFile.remove(path);
  }

  @Override
  public void close() {
    threads.close();
  }
}
