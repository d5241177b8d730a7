package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
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
}
