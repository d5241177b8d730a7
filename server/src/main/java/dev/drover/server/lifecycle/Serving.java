package dev.drover.server.lifecycle;

import dev.drover.server.guard.GuardInterceptor;
import dev.drover.server.state.SocketFile;
import dev.drover.server.state.StateException;
import dev.drover.server.transport.CallExecutors;
import dev.drover.server.transport.ServerTransport;
import dev.drover.server.transport.UnknownMethods;
import dev.drover.server.watch.OpenStreams;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC server from its start to its orderly end. */
final class Serving {

  private static final Logger log = LoggerFactory.getLogger(Serving.class);

  /** Time for calls that were cut off to notice. */
  private static final Duration AFTER_CUT = Duration.ofSeconds(2);

  /**
   * How much larger than the documented limit the transport lets a request be, so that it gets an
   * answer with a reason rather than a reset.
   */
  private static final int READ_FOR_REFUSAL = 4;

  private final DaemonSetup setup;
  private final Set<BindableService> services;
  private final GuardInterceptor guards;
  private final CallExecutors executors;
  private final HealthStatusManager health;
  private final OpenStreams streams;
  private final ServerTransport transport;

  @Inject
  Serving(
      DaemonSetup setup,
      Set<BindableService> services,
      GuardInterceptor guards,
      CallExecutors executors,
      HealthStatusManager health,
      OpenStreams streams,
      ServerTransport transport) {
    this.setup = setup;
    this.services = services;
    this.guards = guards;
    this.executors = executors;
    this.health = health;
    this.streams = streams;
    this.transport = transport;
  }

  /**
   * Begins to serve.
   *
   * @return ends it
   * @throws StateException where the socket cannot be used
   */
  AutoCloseable start() {
    ServerBuilder<?> builder = transport.builder();
    builder
        .intercept(guards)
        .fallbackHandlerRegistry(new UnknownMethods())
        .directExecutor()
        .callExecutor(executors)
        .maxInboundMessageSize(READ_FOR_REFUSAL * setup.config().limits().messageBytes())
        .addService(health.getHealthService());
    services.forEach(builder::addService);
    Server server = builder.build();
    try {
      server.start();
    } catch (IOException e) {
      transport.close();
      throw new StateException("the daemon cannot listen: " + e.getMessage(), e);
    }
    if (setup.listen() instanceof DaemonSetup.Listen.UnixSocket socket) {
      SocketFile.restrict(socket.path(), setup.config().access().everybodyConnects());
    }
    services.forEach(
        service ->
            health.setStatus(
                service.bindService().getServiceDescriptor().getName(), ServingStatus.SERVING));
    return () -> stop(server);
  }

  private void stop(Server server) throws InterruptedException {
    health.enterTerminalState();
    server.shutdown();
    streams.endAll();
    Duration grace = setup.config().shutdownGrace();
    if (!server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
      log.warn("calls still run after {} and are cut off", grace);
      server.shutdownNow();
      server.awaitTermination(AFTER_CUT.toMillis(), TimeUnit.MILLISECONDS);
    }
    if (setup.listen() instanceof DaemonSetup.Listen.UnixSocket socket) {
      SocketFile.remove(socket.path());
    }
    transport.close();
  }
}
