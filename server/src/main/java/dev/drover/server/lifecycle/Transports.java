package dev.drover.server.lifecycle;

import dev.drover.server.config.DaemonConfig;
import dev.drover.server.identity.CallerSource;
import dev.drover.server.tls.LiveTls;
import dev.drover.server.transport.InProcessTransport;
import dev.drover.server.transport.PeerIdentity;
import dev.drover.server.transport.ServerTransport;
import dev.drover.server.transport.TcpTransport;
import dev.drover.server.transport.TlsIdentity;
import dev.drover.server.transport.UnixTransport;
import dev.drover.spi.Caller;
import io.grpc.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every way by which calls reach this daemon: the local one, and TCP where it is configured. */
final class Transports implements AutoCloseable {

  private final List<ServerTransport> all;
  private final CallerSource callers;

  private Transports(List<ServerTransport> all, CallerSource callers) {
    this.all = List.copyOf(all);
    this.callers = callers;
  }

  /**
   * Makes the transports of a daemon.
   *
   * @throws dev.drover.server.state.StateException where the files for TLS cannot be used
   */
  static Transports of(DaemonSetup setup, Workers workers) {
    DaemonConfig config = setup.config();
    PeerIdentity peers = new PeerIdentity();
    CallerSource local =
        switch (setup.listen()) {
          case DaemonSetup.Listen.UnixSocket _ -> peers;
          case DaemonSetup.Listen.InProcess process -> process.callers();
        };
    List<ServerTransport> all = new ArrayList<>();
    CallerSource callers = local;
    if (config.tls().isPresent()) {
      DaemonConfig.Tls files = config.tls().get();
      LiveTls live = LiveTls.open(files, setup.clock(), workers, workers.blocking());
      TlsIdentity identity = new TlsIdentity(live, workers.blocking());
      callers = new ByTransport(identity, local);
      all.add(
          new TcpTransport(
              files.listen(),
              live,
              identity,
              config.keepAlive(),
              config.limits().callsPerConnection()));
    }
    all.add(
        switch (setup.listen()) {
          case DaemonSetup.Listen.UnixSocket socket ->
              new UnixTransport(
                  socket.path(),
                  peers,
                  config.keepAlive(),
                  config.limits().callsPerConnection(),
                  config.access().everybodyConnects());
          case DaemonSetup.Listen.InProcess process -> new InProcessTransport(process.name());
        });
    return new Transports(all, callers);
  }

  /** Over TLS the certificate says who calls, and nothing else does. */
  private record ByTransport(CallerSource tls, CallerSource local) implements CallerSource {

    private CallerSource of(Attributes transport) {
      return TlsIdentity.overTls(transport) ? tls : local;
    }

    @Override
    public Optional<Caller> identify(Attributes transport) {
      return of(transport).identify(transport);
    }

    @Override
    public Optional<Caller> shown(Attributes transport) {
      return of(transport).shown(transport);
    }
  }

  List<ServerTransport> all() {
    return all;
  }

  /** Tells who calls, whichever way the call came. */
  CallerSource callers() {
    return callers;
  }

  @Override
  public void close() {
    all.forEach(ServerTransport::close);
  }
}
