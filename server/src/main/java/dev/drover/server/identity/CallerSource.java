package dev.drover.server.identity;

import dev.drover.spi.Caller;
import io.grpc.Attributes;
import java.util.Optional;

/** Tells from a transport who is at its other end. */
@FunctionalInterface
public interface CallerSource {

  /**
   * The caller, where the transport proves one.
   *
   * @throws dev.drover.spi.error.DriverException PERMISSION_DENIED where what it proved counts no
   *     more, and why
   */
  Optional<Caller> identify(Attributes transport);

  /**
   * Who is at the other end, also where what it proved counts no more: for records of what was
   * tried, and never to decide what somebody may do.
   */
  default Optional<Caller> shown(Attributes transport) {
    return identify(transport);
  }
}
