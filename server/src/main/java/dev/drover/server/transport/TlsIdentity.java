package dev.drover.server.transport;

import dev.drover.server.config.ListenAddress;
import dev.drover.server.identity.CallerSource;
import dev.drover.server.tls.LiveKeys;
import dev.drover.server.tls.LiveTls;
import dev.drover.server.tls.LiveTrust;
import dev.drover.server.tls.PeerRefused;
import dev.drover.spi.Caller;
import io.grpc.Attributes;
import io.grpc.ChannelLogger;
import io.grpc.Grpc;
import io.grpc.ServerCredentials;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows who is at the other end of a TCP connection: the client's certificate tells, in TLS 1.3
 * (R14). gRPC's own negotiator does not let a failed handshake be told with the address it came
 * from, so this class uses its internal ones, as {@link PeerIdentity} does; everything else sees a
 * {@link Caller}.
 */
public final class TlsIdentity implements CallerSource {

  private static final Logger log = LoggerFactory.getLogger(TlsIdentity.class);
  private static final Attributes.Key<TlsPeer> PEER = Attributes.Key.create("drover-tls-peer");
  private static final String HTTP_2 = "h2";

  private final LiveTls live;
  private final SslContext context;
  private final Executor tasks;

  /**
   * Makes the identity.
   *
   * @param live the daemon's certificate, and whom it believes
   * @param tasks where signatures are computed, off the event loops
   */
  public TlsIdentity(LiveTls live, Executor tasks) {
    this.live = live;
    this.tasks = tasks;
    try {
      this.context =
          GrpcSslContexts.configure(
                  SslContextBuilder.forServer(new LiveKeys(live))
                      .trustManager(new LiveTrust(live))
                      .clientAuth(ClientAuth.REQUIRE),
                  SslProvider.JDK)
              .protocols("TLSv1.3")
              .build();
    } catch (SSLException e) {
      throw new IllegalStateException("the JDK has no TLS 1.3", e);
    }
  }

  /** Whether a call came over TLS, so that its certificate and nothing else says who calls. */
  public static boolean overTls(Attributes transport) {
    return transport.get(PEER) != null;
  }

  @Override
  public Optional<Caller> identify(Attributes transport) {
    return Optional.ofNullable(transport.get(PEER)).map(TlsPeer::caller);
  }

  @Override
  public Optional<Caller> shown(Attributes transport) {
    return Optional.ofNullable(transport.get(PEER)).map(TlsPeer::shown);
  }

  /** Credentials for a server on TCP, with which every connection knows its peer. */
  public ServerCredentials credentials() {
    return InternalNettyServerCredentials.create(new Negotiator());
  }

  private final class Negotiator implements InternalProtocolNegotiator.ProtocolNegotiator {

    @Override
    public AsciiString scheme() {
      return AsciiString.of("https");
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler connection) {
      ChannelLogger logger = connection.getNegotiationLogger();
      return InternalProtocolNegotiators.waitUntilActiveHandler(
          new Handshake(InternalProtocolNegotiators.grpcNegotiationHandler(connection), logger),
          logger);
    }

    @Override
    public void close() {}
  }

  /** One handshake; a success goes on to HTTP/2 with the peer, a failure is one line of the log. */
  private final class Handshake extends InternalProtocolNegotiators.ProtocolNegotiationHandler {

    Handshake(ChannelHandler next, ChannelLogger logger) {
      super(next, logger);
    }

    @Override
    protected void protocolNegotiationEventTriggered(ChannelHandlerContext channel) {
      channel
          .pipeline()
          .addBefore(
              channel.name(),
              null,
              new SslHandler(context.newEngine(channel.alloc()), false, tasks));
    }

    @Override
    protected void userEventTriggered0(ChannelHandlerContext channel, Object event)
        throws Exception {
      if (!(event instanceof SslHandshakeCompletionEvent ended)) {
        super.userEventTriggered0(channel, event);
      } else if (ended.isSuccess()) {
        connected(channel);
      } else {
        log.warn("{}", HandshakeFailure.text(address(channel), ended.cause()));
        channel.fireExceptionCaught(ended.cause());
      }
    }

    private void connected(ChannelHandlerContext channel) {
      SslHandler tls = channel.pipeline().get(SslHandler.class);
      String address = address(channel);
      try {
        if (!HTTP_2.equals(tls.applicationProtocol())) {
          throw new SSLException("the client does not speak HTTP/2 (ALPN h2)");
        }
        TlsPeer peer = TlsPeer.of(live, chain(tls), address);
        replaceProtocolNegotiationEvent(
            InternalProtocolNegotiationEvent.withAttributes(
                getProtocolNegotiationEvent(),
                InternalProtocolNegotiationEvent.getAttributes(getProtocolNegotiationEvent())
                    .toBuilder()
                    .set(PEER, peer)
                    .set(Grpc.TRANSPORT_ATTR_SSL_SESSION, tls.engine().getSession())
                    .build()));
        fireProtocolNegotiationEvent(channel);
      } catch (PeerRefused | SSLException e) {
        log.warn("{}", HandshakeFailure.text(address, e));
        channel.fireExceptionCaught(e);
      }
    }

    private List<X509Certificate> chain(SslHandler tls) throws SSLPeerUnverifiedException {
      return Arrays.stream(tls.engine().getSession().getPeerCertificates())
          .map(X509Certificate.class::cast)
          .toList();
    }

    private String address(ChannelHandlerContext channel) {
      return channel.channel().remoteAddress() instanceof InetSocketAddress remote
          ? new ListenAddress(remote.getAddress().getHostAddress(), remote.getPort()).toString()
          : String.valueOf(channel.channel().remoteAddress());
    }
  }
}
