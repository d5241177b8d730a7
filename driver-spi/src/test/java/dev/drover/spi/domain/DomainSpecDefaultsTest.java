package dev.drover.spi.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.Acceleration;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.NetworkInterface;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DomainSpecDefaultsTest {

  private static final DomainSpec BARE =
      DomainSpec.newBuilder()
          .setName("a")
          .addNetworkInterfaces(NetworkInterface.getDefaultInstance())
          .build();

  @Test
  void whatIsLeftOutIsFilledInOnce() {
    // R24
    DomainSpec full = DomainSpecDefaults.complete(BARE, Optional.empty(), new Random(1));
    assertThat(UUID.fromString(full.getUuid()).version()).isEqualTo(4);
    assertThat(UUID.fromString(full.getUuid()).variant()).isEqualTo(2);
    assertThat(full.getVcpus()).isEqualTo(1);
    assertThat(full.getAcceleration()).isEqualTo(Acceleration.ACCELERATION_AUTO);
    assertThat(full.getNetworkInterfaces(0).getMacAddress()).matches("52:54:00(:[0-9a-f]{2}){3}");
    assertThat(DomainSpecDefaults.complete(full, Optional.of(full), new Random(2))).isEqualTo(full);
  }

  @Test
  void uuidOfTheStoredDefinitionIsKept() {
    DomainSpec stored = DomainSpecDefaults.complete(BARE, Optional.empty(), new Random(1));
    assertThat(DomainSpecDefaults.complete(BARE, Optional.of(stored), new Random(2)).getUuid())
        .isEqualTo(stored.getUuid());
  }
}
