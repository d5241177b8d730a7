package dev.drover.spi;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.ErrorReason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CallContextTest {

  private final FakeTime time = new FakeTime();

  @Test
  void remainingTimeNeverIsNegative() {
    CallContext call = time.call(Duration.ofSeconds(3));
    assertThat(call.remaining(time.instant())).isEqualTo(Duration.ofSeconds(3));
    time.pass(Duration.ofSeconds(5));
    assertThat(call.remaining(time.instant())).isEqualTo(Duration.ZERO);
  }

  @Test
  void callEndsAtItsDeadlineAndWhenItsCallerHasGone() {
    // R10
    CallContext call = time.call(Duration.ofSeconds(3));
    call.check(time.instant());
    time.pass(Duration.ofSeconds(3));
    refused(ErrorReason.ERROR_REASON_DEADLINE_EXCEEDED, () -> call.check(time.instant()));
    CallContext gone =
        new CallContext(Caller.DAEMON, "call", time.instant().plusSeconds(1), () -> true);
    refused(ErrorReason.ERROR_REASON_CALL_CANCELLED, () -> gone.check(time.instant()));
  }
}
