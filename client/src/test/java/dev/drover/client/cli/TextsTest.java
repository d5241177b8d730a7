package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.Acceleration;
import dev.drover.v1.DomainStatus;
import org.junit.jupiter.api.Test;

class TextsTest {
  @Test
  void accelerationSaysWhatRunsTheGuestBeforeWhyItWasChosen() {
    DomainStatus status =
        DomainStatus.newBuilder()
            .setAcceleration(Acceleration.ACCELERATION_TCG)
            .setAccelerationDetail("kvm is absent")
            .build();

    assertThat(Texts.acceleration(status)).hasValue("tcg (kvm is absent)");
  }

  @Test
  void accelerationWithoutReasonIsItsNameAlone() {
    DomainStatus status =
        DomainStatus.newBuilder().setAcceleration(Acceleration.ACCELERATION_KVM).build();

    assertThat(Texts.acceleration(status)).hasValue("kvm");
  }

  @Test
  void aDomainThatIsShutOffHasNoAcceleration() {
    assertThat(Texts.acceleration(DomainStatus.getDefaultInstance())).isEmpty();
  }
}
