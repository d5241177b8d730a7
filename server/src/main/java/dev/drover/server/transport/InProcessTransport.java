package dev.drover.server.transport;

import io.grpc.ServerBuilder;
import io.grpc.inprocess.InProcessServerBuilder;

/**
 * Calls from within this process.
 *
 * @param name name of the server
 */
public record InProcessTransport(String name) implements ServerTransport {

  @Override
  public ServerBuilder<?> builder() {
    return InProcessServerBuilder.forName(name);
  }

  @Override
  public void close() {}
}
