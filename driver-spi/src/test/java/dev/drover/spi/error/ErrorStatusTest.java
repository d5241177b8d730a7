package dev.drover.spi.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import dev.drover.v1.ErrorReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorStatusTest {

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"UNRECOGNIZED", "ERROR_REASON_UNSPECIFIED"})
  void everyReasonGoesBothWays(ErrorReason reason) throws InvalidProtocolBufferException {
    // R18
    Status status =
        ErrorStatus.status(DriverException.of(reason, "what happened", "domain", "guest"));
    ErrorInfo info = status.getDetails(0).unpack(ErrorInfo.class);
    assertThat(status.getCode()).as("no failure is OK").isNotZero();
    assertThat(status.getMessage()).isEqualTo("what happened");
    assertThat(info.getDomain()).isEqualTo("drover.dev");
    assertThat(info.getMetadataMap()).containsEntry("domain", "guest");
    assertThat(info.getMetadataMap())
        .containsEntry(
            "libvirt_code", Integer.toString(ErrorStatus.mapping(reason).getLibvirtCode()));
    assertThat(ErrorStatus.reason(info.getReason())).contains(reason);
  }

  @Test
  void reasonOfANewerDaemonIsUnknown() {
    assertThat(ErrorStatus.reason("FROM_THE_FUTURE")).isEmpty();
  }

  @Test
  void metadataComesInPairs() {
    assertThatThrownBy(
            () -> DriverException.of(ErrorReason.ERROR_REASON_INTERNAL, "message", "key"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
