package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.netty.handler.ssl.NotSslRecordException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

/** R6: what is a connection that broke, and what is not. */
class DroverExceptionTest {

  @Test
  void aConnectionThatEndsWhileACallIsPutOnItWasLost() {
    DroverException failure =
        DroverException.from(
            Status.UNKNOWN
                .withDescription("channel closed")
                .withCause(new ClosedChannelException())
                .asException(),
            "unix socket /there");
    assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(failure.connectionLost()).isTrue();
    assertThat(failure).hasMessageContaining("Cannot reach the daemon at unix socket /there");
  }

  @Test
  void aFailureOfTheDaemonThatNobodyNamedIsNone() {
    DroverException failure =
        DroverException.from(
            Status.UNKNOWN.withDescription("broken").asException(), "unix socket /there");
    assertThat(failure.code()).isEqualTo(ErrorCode.UNKNOWN);
    assertThat(failure.connectionLost()).isFalse();
  }

  @Test
  void whatDoesNotSpeakTlsIsSaidInWords() {
    Status status =
        Status.UNAVAILABLE
            .withDescription("io exception")
            .withCause(new NotSslRecordException("not an SSL/TLS record: 485454502f312e31"));

    DroverException told = DroverException.from(status.asRuntimeException(), "host:80");

    assertThat(told)
        .hasMessage(
            "Cannot reach the daemon at host:80: what answers there does not speak TLS; start it"
                + " with 'droverd', or name another one in the connection URI");
    assertThat(told.code()).isEqualTo(ErrorCode.UNAVAILABLE);
  }
}
