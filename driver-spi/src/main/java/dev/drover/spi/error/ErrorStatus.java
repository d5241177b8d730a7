package dev.drover.spi.error;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.OptionsProto;
import dev.drover.v1.StatusMapping;
import java.util.Optional;

/**
 * The one mapping between a reason and {@code google.rpc.Status}, both ways, read from the options
 * on {@link ErrorReason} so that there is no second table (R18).
 */
public final class ErrorStatus {

  /** Domain of every {@link ErrorInfo} that Drover sends. */
  public static final String DOMAIN = "drover.dev";

  private static final String PREFIX = "ERROR_REASON_";

  private ErrorStatus() {}

  /** Code and libvirt number of a reason. */
  public static StatusMapping mapping(ErrorReason reason) {
    return reason.getValueDescriptor().getOptions().getExtension(OptionsProto.status);
  }

  /** The name sent as {@code ErrorInfo.reason}. */
  public static String name(ErrorReason reason) {
    return reason.name().substring(PREFIX.length());
  }

  /** The reason of a name sent as {@code ErrorInfo.reason}, where this build knows it. */
  public static Optional<ErrorReason> reason(String name) {
    for (ErrorReason candidate : ErrorReason.values()) {
      if (candidate != ErrorReason.UNRECOGNIZED && candidate.name().equals(PREFIX + name)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** A failure as it is sent and stored. */
  public static Status status(DriverException failure) {
    StatusMapping mapping = mapping(failure.reason());
    ErrorInfo.Builder info =
        ErrorInfo.newBuilder()
            .setDomain(DOMAIN)
            .setReason(name(failure.reason()))
            .putAllMetadata(failure.metadata());
    if (mapping.getLibvirtCode() != 0) {
      info.putMetadata("libvirt_code", Integer.toString(mapping.getLibvirtCode()));
    }
    return Status.newBuilder()
        .setCode(mapping.getCodeValue())
        .setMessage(failure.getMessage())
        .addDetails(Any.pack(info.build()))
        .build();
  }
}
