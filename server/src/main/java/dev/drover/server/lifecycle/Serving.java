package dev.drover.server.lifecycle;

import dev.drover.server.guard.GuardInterceptor;
import dev.drover.server.guard.UnreadableRequest;
import dev.drover.server.state.StateException;
import dev.drover.server.transport.CallExecutors;
import dev.drover.server.transport.ServerTransport;
import dev.drover.server.transport.SharedBytes;
import dev.drover.server.transport.UnknownMethods;
import dev.drover.server.watch.OpenStreams;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC servers, one for each transport, from their start to their orderly end. */
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
  private final Transports transports;
  private final List<Running> running = new ArrayList<>();

  @Inject
  Serving(
      DaemonSetup setup,
      Set<BindableService> services,
      GuardInterceptor guards,
      CallExecutors executors,
      HealthStatusManager health,
      OpenStreams streams,
      Transports transports) {
    this.setup = setup;
    this.services = services;
    this.guards = guards;
    this.executors = executors;
    this.health = health;
    this.streams = streams;
    this.transports = transports;
  }

  /** A server and where it listens. */
  private record Running(ServerTransport transport, Server server) {}

  /**
   * Begins to serve.
   *
   * @return ends it
   * @throws StateException where a socket cannot be used; nothing listens then
   */
  AutoCloseable start() {
    try {
      transports.all().forEach(transport -> running.add(start(transport)));
    } catch (RuntimeException | Error e) {
      running.forEach(
          one -> {
            one.server().shutdownNow();
            one.transport().ended();
          });
      throw e;
    }
    services.forEach(
        service ->
            health.setStatus(
                service.bindService().getServiceDescriptor().getName(), ServingStatus.SERVING));
    return this::stop;
  }

  private Running start(ServerTransport transport) {
    ServerBuilder<?> builder = transport.builder();
    builder
        .intercept(guards)
        .fallbackHandlerRegistry(new UnknownMethods())
        .directExecutor()
        .callExecutor(executors)
        .maxInboundMessageSize(READ_FOR_REFUSAL * setup.config().limits().messageBytes())
        .addService(UnreadableRequest.toGuards(health.getHealthService().bindService()));
    services.forEach(
        service ->
            builder.addService(
                SharedBytes.ofStreams(UnreadableRequest.toGuards(service.bindService()))));
    Server server = builder.build();
    try {
      server.start();
    } catch (IOException e) {
      throw new StateException("the daemon cannot listen: " + e.getMessage(), e);
    }
    transport.listening(server);
    return new Running(transport, server);
  }

  /** Where TCP is served; empty: it is not. */
  Optional<InetSocketAddress> tcp() {
    return running.stream()
        .flatMap(one -> one.server().getListenSockets().stream())
        .filter(InetSocketAddress.class::isInstance)
        .map(InetSocketAddress.class::cast)
        .findFirst();
  }

  private void stop() throws InterruptedException {
    health.enterTerminalState();
    running.forEach(one -> one.server().shutdown());
    streams.endAll();
    Duration grace = setup.config().shutdownGrace();
    long end = System.nanoTime() + grace.toNanos();
    for (Running one : running) {
      Server server = one.server();
      if (!server.awaitTermination(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        log.warn("calls still run after {} and are cut off", grace);
        server.shutdownNow();
        server.awaitTermination(AFTER_CUT.toMillis(), TimeUnit.MILLISECONDS);
      }
      one.transport().ended();
    }
  }
}
