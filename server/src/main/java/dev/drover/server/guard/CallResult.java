package dev.drover.server.guard;

import io.grpc.Status;

/**
 * How a call ended.
 *
 * @param code name of the gRPC status code
 * @param reason name of the reason; {@code OK} where it succeeded
 */
record CallResult(String code, String reason) {

  /** It succeeded. */
  static final CallResult SUCCEEDED = new CallResult(Status.Code.OK.name(), "OK");

  /** The client has gone: there was nobody to answer. */
  static final CallResult ABANDONED =
      new CallResult(Status.Code.CANCELLED.name(), "CALL_CANCELLED");
}
