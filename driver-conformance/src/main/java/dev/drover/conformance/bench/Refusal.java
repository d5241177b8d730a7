package dev.drover.conformance.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.Job;
import dev.drover.v1.OptionsProto;
import dev.drover.v1.StatusMapping;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * A failure as a client receives it: a gRPC status with one {@link ErrorInfo} (R18).
 *
 * @param status what was received
 */
public record Refusal(Status status) {

  private static final String DOMAIN = "drover.dev";
  private static final String PREFIX = "ERROR_REASON_";

  /** Runs a call that must fail; where it does not, whatever is asserted of the failure says so. */
  public static Refusal of(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException e) {
      Status status = StatusProto.fromThrowable(e);
      if (status == null) {
        throw new AssertionError("a failure without status", e);
      }
      return new Refusal(status);
    }
    return new Refusal(Status.getDefaultInstance());
  }

  /** Why a job that has ended failed or was cancelled, to be asserted like a refused call. */
  public static Refusal ofJob(Job ended) {
    return new Refusal(ended.getError());
  }

  /** The reason in a status, where it carries one that this build knows. */
  public static Optional<ErrorReason> reasonOf(Status status) {
    return info(status)
        .flatMap(
            info ->
                Arrays.stream(ErrorReason.values())
                    .filter(reason -> reason.name().equals(PREFIX + info.getReason()))
                    .findFirst());
  }

  /** Asserts the reason, and everything that the API promises to go with it. */
  public Refusal is(ErrorReason reason) {
    return isOneOf(reason);
  }

  /** Asserts that the reason is one of several that the situation allows. */
  public Refusal isOneOf(ErrorReason... allowed) {
    requireFailure(Arrays.toString(allowed));
    ErrorInfo info =
        info(status).orElseThrow(() -> new AssertionError("no ErrorInfo (R18) in " + text()));
    assertThat(PREFIX + info.getReason())
        .as("reason of %s", text())
        .isIn(Arrays.stream(allowed).map(Enum::name).toList());
    ErrorReason reason = reasonOf(status).orElseThrow();
    StatusMapping mapping =
        reason.getValueDescriptor().getOptions().getExtension(OptionsProto.status);
    assertThat(Code.forNumber(status.getCode()))
        .as("code of %s", text())
        .isEqualTo(mapping.getCode());
    assertThat(info.getDomain()).as("domain of the ErrorInfo").isEqualTo(DOMAIN);
    if (mapping.getLibvirtCode() != 0) {
      assertThat(info.getMetadataMap())
          .as("libvirt's number rides along (R18)")
          .containsEntry("libvirt_code", Integer.toString(mapping.getLibvirtCode()));
    }
    assertThat(status.getMessage()).as("a message for people").isNotBlank();
    assertThat(status.getMessage()).as("no class name or stack trace").doesNotContain("Exception");
    return this;
  }

  /** Asserts that the metadata holds a value. */
  public Refusal tells(String key, String value) {
    assertThat(metadata()).as("metadata of %s", text()).containsEntry(key, value);
    return this;
  }

  /** Asserts that the metadata has a key with something in it. */
  public Refusal names(String key) {
    assertThat(metadata().getOrDefault(key, "")).as("metadata %s of %s", key, text()).isNotBlank();
    return this;
  }

  /** The metadata of the ErrorInfo; empty where there is none. */
  public Map<String, String> metadata() {
    requireFailure("any reason");
    return info(status).map(ErrorInfo::getMetadataMap).orElse(Map.of());
  }

  /** The failure on one line. */
  public String text() {
    return Code.forNumber(status.getCode())
        + info(status).map(info -> " " + info.getReason()).orElse("")
        + ": "
        + status.getMessage();
  }

  private void requireFailure(String expected) {
    if (status.getCode() == Code.OK_VALUE) {
      throw new AssertionError("the call succeeded, and had to be refused with " + expected);
    }
  }

  private static Optional<ErrorInfo> info(Status status) {
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        try {
          return Optional.of(detail.unpack(ErrorInfo.class));
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError("unreadable ErrorInfo", e);
        }
      }
    }
    return Optional.empty();
  }
}
