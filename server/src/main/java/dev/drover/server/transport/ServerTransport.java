package dev.drover.server.transport;

import io.grpc.Server;
import io.grpc.ServerBuilder;

/** Where a gRPC server listens. */
public interface ServerTransport extends AutoCloseable {

  /** Begins a server there. */
  ServerBuilder<?> builder();

  /** Hears that the server listens. */
  default void listening(Server server) {}

  /** Hears that the server has ended, before {@link #close}. */
  default void ended() {}

  /** Lets go of threads and sockets when the server has ended. */
  @Override
  void close();
}
