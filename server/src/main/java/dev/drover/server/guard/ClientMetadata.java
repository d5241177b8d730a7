package dev.drover.server.guard;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import io.grpc.Metadata;
import java.util.Optional;

/** The metadata by which a client chooses its connection. */
final class ClientMetadata {

  /** Connection URI of the call. */
  static final Metadata.Key<String> URI =
      Metadata.Key.of("drover-uri", Metadata.ASCII_STRING_MARSHALLER);

  /** {@code true} where the call is to fail rather than change something. */
  static final Metadata.Key<String> READ_ONLY =
      Metadata.Key.of("drover-read-only", Metadata.ASCII_STRING_MARSHALLER);

  /** The work of the client that the call is part of, in the form of W3C's trace context. */
  static final Metadata.Key<String> TRACEPARENT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

  private ClientMetadata() {}

  /** What the client says of the work that the call is part of; empty: nothing. */
  static Optional<String> traceparent(Metadata headers) {
    return Optional.ofNullable(headers.get(TRACEPARENT));
  }

  /** The connection URI; empty: the default. */
  static Optional<String> uri(Metadata headers) {
    return Optional.ofNullable(headers.get(URI)).filter(uri -> !uri.isEmpty());
  }

  /**
   * Whether the connection is read-only.
   *
   * @throws DriverException INVALID_ARGUMENT where that cannot be told
   */
  static boolean readOnly(Metadata headers) {
    String value = Optional.ofNullable(headers.get(READ_ONLY)).orElse("false");
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw DriverException.of(
              ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
              "metadata drover-read-only must be \"true\" or \"false\", not \"" + value + "\"",
              "field",
              "drover-read-only");
    };
  }
}
