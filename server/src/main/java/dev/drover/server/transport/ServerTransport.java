package dev.drover.server.transport;

import io.grpc.ServerBuilder;

/** Where a gRPC server listens. */
public interface ServerTransport extends AutoCloseable {

  /** Begins a server there. */
  ServerBuilder<?> builder();

  /** Lets go of threads and sockets when the server has ended. */
  @Override
  void close();
}
