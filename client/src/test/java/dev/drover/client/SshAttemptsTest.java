package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SshAttemptsTest {
  private final SshAttempts attempts = new SshAttempts();

  @Test
  void theFirstAttemptAndOneAfterASuccessDoNotWait() {
    assertThat(attempts.pause()).isZero();
    attempts.failed();
    assertThat(attempts.pause()).isPositive();
    attempts.worked();
    assertThat(attempts.pause()).isZero();
  }

  @Test
  void pausesGrowToFiveSeconds() {
    attempts.failed();
    assertThat(attempts.pause()).isLessThanOrEqualTo(Duration.ofMillis(250));
    for (int i = 0; i < 10; i++) {
      attempts.failed();
    }
    assertThat(attempts.pause()).isBetween(Duration.ofMillis(2500), Duration.ofSeconds(5));
  }
}
