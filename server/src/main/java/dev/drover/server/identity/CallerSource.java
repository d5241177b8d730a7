package dev.drover.server.identity;

import dev.drover.spi.Caller;
import io.grpc.Attributes;
import java.util.Optional;

/** Tells from a transport who is at its other end. */
@FunctionalInterface
public interface CallerSource {

  /** The caller, where the transport proves one. */
  Optional<Caller> identify(Attributes transport);
}
