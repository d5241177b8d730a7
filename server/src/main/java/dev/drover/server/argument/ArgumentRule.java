package dev.drover.server.argument;

import com.google.protobuf.Message;

/**
 * What must hold of a request by itself, whatever driver it goes to.
 *
 * @param <Q> type of the request
 */
@FunctionalInterface
public interface ArgumentRule<Q extends Message> {

  /**
   * Checks a request.
   *
   * @throws dev.drover.spi.error.DriverException with the field concerned
   */
  void check(Q request);
}
