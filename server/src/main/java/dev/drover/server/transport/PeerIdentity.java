package dev.drover.server.transport;

import dev.drover.server.identity.CallerSource;
import dev.drover.spi.Caller;
import io.grpc.Attributes;
import io.grpc.ChannelLogger;
import io.grpc.ServerCredentials;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows who is at the other end of a unix socket: the kernel tells the user of the process that
 * connected. gRPC has no public way to carry that to a call, so this class alone uses its internal
 * negotiator; everything else sees a {@link Caller}.
 */
public final class PeerIdentity implements CallerSource {

  private static final Logger log = LoggerFactory.getLogger(PeerIdentity.class);
  private static final Attributes.Key<Caller> CALLER = Attributes.Key.create("drover-caller");

  @Override
  public Optional<Caller> identify(Attributes transport) {
    return Optional.ofNullable(transport.get(CALLER));
  }

  /** Credentials for a server on a unix socket, with which every connection knows its peer. */
  public ServerCredentials credentials() {
    return InternalNettyServerCredentials.create(
        new Negotiator(InternalProtocolNegotiators.serverPlaintext()));
  }

  /** Plain HTTP/2 after a look at the peer. */
  private record Negotiator(InternalProtocolNegotiator.ProtocolNegotiator plaintext)
      implements InternalProtocolNegotiator.ProtocolNegotiator {

    @Override
    public AsciiString scheme() {
      return plaintext.scheme();
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler connection) {
      return new Look(plaintext.newHandler(connection), connection.getNegotiationLogger());
    }

    @Override
    public void close() {
      plaintext.close();
    }
  }

  /** Puts the peer into the attributes of the transport. */
  private static final class Look extends InternalProtocolNegotiators.ProtocolNegotiationHandler {

    Look(ChannelHandler next, ChannelLogger logger) {
      super(next, logger);
    }

    @Override
    protected void protocolNegotiationEventTriggered(ChannelHandlerContext context) {
      if (context.channel() instanceof EpollDomainSocketChannel channel) {
        try {
          PeerCredentials peer = channel.peerCredentials();
          // The process may have ended and its number been given away: it is a hint for people.
          Caller caller = new Caller("uid:" + peer.uid(), "unix pid " + peer.pid());
          replaceProtocolNegotiationEvent(
              InternalProtocolNegotiationEvent.withAttributes(
                  getProtocolNegotiationEvent(),
                  InternalProtocolNegotiationEvent.getAttributes(getProtocolNegotiationEvent())
                      .toBuilder()
                      .set(CALLER, caller)
                      .build()));
        } catch (IOException e) {
          log.warn("the peer of a connection cannot be told; its calls will be refused", e);
        }
      }
      fireProtocolNegotiationEvent(context);
    }
  }
}
