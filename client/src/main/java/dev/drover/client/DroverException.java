package dev.drover.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Errors;
import dev.drover.v1.OptionsProto;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.netty.handler.ssl.NotSslRecordException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A call that failed, a job that failed, or a connection that could not be made. The reason is the
 * stable part to program against; the message names the object and says what to do (R18).
 */
public final class DroverException extends RuntimeException {
  /** Domain of every ErrorInfo the daemon sends. */
  public static final String ERROR_DOMAIN = "drover.dev";

  private static final String REASON_PREFIX = "ERROR_REASON_";

  private final ErrorReason reason;
  private final ErrorCode code;
  private final transient Map<String, String> metadata;

  /**
   * A failure found by the client before the daemon was asked; the code is the one the reason
   * declares.
   */
  public DroverException(ErrorReason reason, String message) {
    this(reason, declaredCode(reason), message, Map.of(), null);
  }

  private DroverException(
      ErrorReason reason,
      ErrorCode code,
      String message,
      Map<String, String> metadata,
      @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.code = code;
    this.metadata = Map.copyOf(metadata);
  }

  /**
   * Reads the failure of a gRPC call, with its google.rpc.Status and ErrorInfo where the daemon
   * sent them. A handshake in which one side refused the other's certificate is UNAUTHENTICATED:
   * trying again does not help.
   *
   * @param failure StatusException, StatusRuntimeException, or anything else thrown by a stub
   * @param endpoint what was called, for the message of a connection that failed; for people
   */
  public static DroverException from(Throwable failure, String endpoint) {
    Status status = told(Status.fromThrowable(failure));
    com.google.rpc.@Nullable Status details = StatusProto.fromThrowable(failure);
    Optional<ErrorInfo> info = details == null ? Optional.empty() : errorInfo(details);
    if (info.isPresent()) {
      return new DroverException(
          reason(info.get()),
          ErrorCode.of(status.getCode().value()),
          Optional.ofNullable(details).map(com.google.rpc.Status::getMessage).orElse(""),
          info.get().getMetadataMap(),
          failure);
    }
    Optional<String> refused =
        status.getCode() == Status.Code.UNAVAILABLE
            ? TlsFailure.text(status.getCause(), endpoint)
            : Optional.empty();
    if (refused.isPresent()) {
      return new DroverException(
          ErrorReason.ERROR_REASON_UNSPECIFIED,
          ErrorCode.UNAUTHENTICATED,
          refused.get(),
          Map.of(),
          failure);
    }
    return new DroverException(
        ErrorReason.ERROR_REASON_UNSPECIFIED,
        ErrorCode.of(status.getCode().value()),
        withoutDetails(status, endpoint),
        Map.of(),
        failure);
  }

  /** Reads an error that was stored as a message, for example in a job. */
  public static DroverException from(com.google.rpc.Status status) {
    Optional<ErrorInfo> info = errorInfo(status);
    return new DroverException(
        info.map(DroverException::reason).orElse(ErrorReason.ERROR_REASON_UNSPECIFIED),
        ErrorCode.of(status.getCode()),
        status.getMessage(),
        info.map(ErrorInfo::getMetadataMap).orElse(Map.of()),
        null);
  }

  /** A connection that ends while a call is put on it is UNKNOWN to gRPC. */
  private static Status told(Status status) {
    return status.getCode() == Status.Code.UNKNOWN
            && status.getCause() instanceof ClosedChannelException
        ? Status.UNAVAILABLE.withDescription(status.getDescription()).withCause(status.getCause())
        : status;
  }

  private static String withoutDetails(Status status, String endpoint) {
    String description = Optional.ofNullable(status.getDescription()).orElse("");
    return switch (status.getCode()) {
      case UNAVAILABLE ->
          SshFailure.behind(status.getCause())
              .map(SshFailure::text)
              .orElseGet(() -> unreachable(endpoint, rootMessage(status, description)));
      case DEADLINE_EXCEEDED ->
          "The daemon at %s did not answer in time; ask for the object's state to see what was done"
              .formatted(endpoint);
      default -> status.getCode() + (description.isEmpty() ? "" : ": " + description);
    };
  }

  private static String unreachable(String endpoint, String why) {
    return "Cannot reach the daemon at %s: %s; start it with 'droverd', or name another one in the connection URI"
        .formatted(endpoint, why);
  }

  private static String rootMessage(Status status, String description) {
    @Nullable Throwable cause = status.getCause();
    if (cause == null) {
      return description;
    }
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof NotSslRecordException
        ? "what answers there does not speak TLS"
        : Optional.ofNullable(cause.getMessage()).orElse(description);
  }

  private static Optional<ErrorInfo> errorInfo(com.google.rpc.Status status) {
    List<Any> details = status.getDetailsList();
    for (Any detail : details) {
      if (detail.is(ErrorInfo.class)) {
        try {
          ErrorInfo info = detail.unpack(ErrorInfo.class);
          if (info.getDomain().equals(ERROR_DOMAIN)) {
            return Optional.of(info);
          }
        } catch (InvalidProtocolBufferException e) {
          throw new IllegalArgumentException("ErrorInfo in a status cannot be read", e);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * A reason added after this client was built reads as unspecified; {@link #metadata()} and code
   * still tell.
   */
  private static ErrorReason reason(ErrorInfo info) {
    for (ErrorReason reason : ErrorReason.values()) {
      if (reason.name().equals(REASON_PREFIX + info.getReason())) {
        return reason;
      }
    }
    return ErrorReason.ERROR_REASON_UNSPECIFIED;
  }

  private static ErrorCode declaredCode(ErrorReason reason) {
    int declared =
        Errors.getDescriptor()
            .findEnumTypeByName("ErrorReason")
            .findValueByNumber(reason.getNumber())
            .getOptions()
            .getExtension(OptionsProto.status)
            .getCodeValue();
    return ErrorCode.of(declared);
  }

  /**
   * Why; unspecified where the failure did not come from the daemon, or its reason is newer than
   * this client.
   */
  public ErrorReason reason() {
    return reason;
  }

  /** What kind of failure it is, also where there is no reason. */
  public ErrorCode code() {
    return code;
  }

  /**
   * The same in gRPC's words, for code that handles those already. Of a failed call it is what gRPC
   * said, which knows less than {@link #code()} of a handshake in which a certificate was refused;
   * the cause, a StatusException or StatusRuntimeException, also has the trailers. Of everything
   * else it is made of code and message.
   */
  public Status grpcStatus() {
    return grpcCause()
        .map(Status::fromThrowable)
        .orElseGet(() -> Status.fromCodeValue(code.number()).withDescription(getMessage()));
  }

  private Optional<Throwable> grpcCause() {
    return Optional.ofNullable(getCause())
        .filter(
            cause -> cause instanceof StatusException || cause instanceof StatusRuntimeException);
  }

  /** Names of the objects concerned, as documented at each ErrorReason. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The message, never null. */
  @Override
  public String getMessage() {
    return Optional.ofNullable(super.getMessage()).orElse("");
  }

  /**
   * True where the connection broke or the daemon is stopping: the same call may succeed on a new
   * connection. What ssh refuses is refused again, until somebody does something about it.
   */
  boolean connectionLost() {
    return code == ErrorCode.UNAVAILABLE
        && SshFailure.behind(getCause()).filter(SshFailure::lasts).isEmpty()
        && (reason == ErrorReason.ERROR_REASON_UNSPECIFIED
            || reason == ErrorReason.ERROR_REASON_DAEMON_STOPPING);
  }

  /** True where the daemon itself answered. */
  boolean answeredByDaemon() {
    return reason != ErrorReason.ERROR_REASON_UNSPECIFIED || !metadata.isEmpty();
  }
}
