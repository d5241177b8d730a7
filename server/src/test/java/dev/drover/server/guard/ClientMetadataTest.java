package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import io.grpc.Metadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client says of its connection, and what holds where it says nothing. */
class ClientMetadataTest {

  private static Metadata headers(Metadata.Key<String> key, String value) {
    Metadata headers = new Metadata();
    headers.put(key, value);
    return headers;
  }

  @Test
  void nothingSaidIsTheDefault() {
    assertThat(ClientMetadata.uri(new Metadata())).isEmpty();
    assertThat(ClientMetadata.uri(headers(ClientMetadata.URI, ""))).isEmpty();
    assertThat(ClientMetadata.readOnly(new Metadata())).isFalse();
    assertThat(ClientMetadata.traceparent(new Metadata())).isEmpty();
  }

  @Test
  void whatIsSaidIsTaken() {
    assertThat(ClientMetadata.uri(headers(ClientMetadata.URI, "test:///x"))).contains("test:///x");
    assertThat(ClientMetadata.readOnly(headers(ClientMetadata.READ_ONLY, "true"))).isTrue();
    assertThat(ClientMetadata.readOnly(headers(ClientMetadata.READ_ONLY, "false"))).isFalse();
    assertThat(ClientMetadata.traceparent(headers(ClientMetadata.TRACEPARENT, "00-a-b-01")))
        .contains("00-a-b-01");
  }

  /** Who means to change nothing and says so wrongly must not change something. */
  @ParameterizedTest
  @ValueSource(strings = {"", "1", "yes", "TRUE"})
  void whatCannotBeToldIsRefused(String value) {
    DriverException refused =
        catchThrowableOfType(
            DriverException.class,
            () -> ClientMetadata.readOnly(headers(ClientMetadata.READ_ONLY, value)));
    assertThat(refused.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);
  }
}
