package dev.drover.spi.domain;

import static dev.drover.spi.Failures.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.v1.Domain;
import dev.drover.v1.DomainState;
import dev.drover.v1.DomainStatus;
import dev.drover.v1.ErrorReason;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DomainStatesTest {

  private static final Set<DomainState> ACTIVE =
      EnumSet.of(
          DomainState.DOMAIN_STATE_RUNNING,
          DomainState.DOMAIN_STATE_PAUSED,
          DomainState.DOMAIN_STATE_IN_SHUTDOWN);

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
  void eachStateIsEitherActiveOrNot(DomainState state) {
    Domain domain =
        Domain.newBuilder().setStatus(DomainStatus.newBuilder().setState(state)).build();
    assertThat(DomainStates.active(domain)).isEqualTo(ACTIVE.contains(state));
    if (ACTIVE.contains(state)) {
      DomainStates.requireActive(domain);
      refused(
          ErrorReason.ERROR_REASON_DOMAIN_ALREADY_RUNNING,
          () -> DomainStates.requireInactive(domain));
    } else {
      DomainStates.requireInactive(domain);
      refused(
          ErrorReason.ERROR_REASON_DOMAIN_NOT_RUNNING, () -> DomainStates.requireActive(domain));
    }
  }

  @Test
  void onlyADefinitionIsPersistent() {
    DomainStates.requirePersistent(
        Domain.newBuilder().setStatus(DomainStatus.newBuilder().setPersistent(true)).build());
    refused(
        ErrorReason.ERROR_REASON_DOMAIN_TRANSIENT,
        () -> DomainStates.requirePersistent(Domain.getDefaultInstance()));
  }
}
