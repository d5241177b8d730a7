package dev.drover.server.failure;

import dev.drover.spi.error.DriverException;
import dev.drover.spi.error.ErrorStatus;
import dev.drover.v1.ErrorReason;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what a call threw into the one status its client sees (R18). A {@link DriverException}
 * arrives with its reason; everything else is our own mistake: it is logged once with an id, and
 * the client gets the id alone (A6).
 */
public final class FailureMapper {

  private static final Logger log = LoggerFactory.getLogger(FailureMapper.class);

  /**
   * A failure as it is sent.
   *
   * @param reason name of the reason, as in {@code ErrorInfo.reason}
   * @param message the message for people
   * @param status gRPC status
   * @param trailers metadata with the details
   */
  public record Failure(String reason, String message, Status status, Metadata trailers) {}

  /**
   * The failure of a call.
   *
   * @param method full name of the method, for the message of an unsupported one
   */
  public Failure map(Throwable thrown, String method) {
    return of(reasoned(thrown, method));
  }

  /** The failure of a status that was closed with by something other than the daemon itself. */
  public Failure map(Status status, String method) {
    Throwable cause = status.getCause();
    return of(reasoned(cause == null ? status.asException() : cause, method));
  }

  private static DriverException reasoned(Throwable thrown, String method) {
    if (thrown instanceof DriverException known) {
      if (known.reason() == ErrorReason.ERROR_REASON_INTERNAL) {
        return internal(known, method);
      }
      return known;
    }
    return statusOf(thrown)
        .flatMap(status -> standard(status, method))
        .orElseGet(() -> internal(thrown, method));
  }

  private static Optional<Status> statusOf(Throwable thrown) {
    return switch (thrown) {
      case StatusException checked -> Optional.of(checked.getStatus());
      case StatusRuntimeException unchecked -> Optional.of(unchecked.getStatus());
      default -> Optional.empty();
    };
  }

  /** What gRPC's own machinery may say about a call. */
  private static Optional<DriverException> standard(Status status, String method) {
    String description = Optional.ofNullable(status.getDescription()).orElse("");
    return switch (status.getCode()) {
      case UNIMPLEMENTED -> Optional.of(unknownMethod(method));
      case CANCELLED ->
          Optional.of(
              DriverException.of(
                  ErrorReason.ERROR_REASON_CALL_CANCELLED, "the caller has given up the call"));
      case DEADLINE_EXCEEDED ->
          Optional.of(
              DriverException.of(
                  ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED,
                  "the deadline of the call has passed; ask for the object to see what was done"));
      case INVALID_ARGUMENT ->
          Optional.of(DriverException.of(ErrorReason.ERROR_REASON_INVALID_ARGUMENT, description));
      case OK,
          UNKNOWN,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          RESOURCE_EXHAUSTED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          INTERNAL,
          UNAVAILABLE,
          DATA_LOSS,
          UNAUTHENTICATED ->
          Optional.empty();
    };
  }

  /** The failure of a call to a method that no service here has. */
  public static DriverException unknownMethod(String method) {
    return DriverException.of(
        ErrorReason.ERROR_REASON_NOT_SUPPORTED,
        "this daemon does not serve the method " + method,
        "method",
        method);
  }

  private static DriverException internal(Throwable thrown, String method) {
    String errorId = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    log.error("internal error error_id={} method={}", errorId, method, thrown);
    return DriverException.of(
        ErrorReason.ERROR_REASON_INTERNAL,
        "internal error " + errorId + "; the daemon's log tells more",
        "error_id",
        errorId);
  }

  private static Failure of(DriverException failure) {
    StatusRuntimeException sent =
        StatusProto.toStatusRuntimeException(HeaderFit.of(ErrorStatus.status(failure)));
    return new Failure(
        ErrorStatus.name(failure.reason()),
        Optional.ofNullable(failure.getMessage()).orElse(""),
        sent.getStatus(),
        Optional.ofNullable(sent.getTrailers()).orElseGet(Metadata::new));
  }
}
