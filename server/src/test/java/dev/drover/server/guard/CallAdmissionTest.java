package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.server.access.RolePolicy;
import dev.drover.spi.Caller;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.ErrorReason;
import io.grpc.Attributes;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R23: who may call at all. */
class CallAdmissionTest {

  private final RuleTable rules =
      new RuleTable(List.of(new DomainServiceGrpc.DomainServiceImplBase() {}.bindService()));
  private final CallAdmission admission =
      new CallAdmission(_ -> Optional.empty(), rules, new RolePolicy(1000, List.of()));
  private final MethodRule rule = admission.rule("drover.v1.DomainService/StartDomain");

  @ParameterizedTest
  @ValueSource(strings = {"uid:0", "uid:1000"})
  void rootAndTheOwnerMay(String principal) {
    assertThatNoException().isThrownBy(() -> admission.permit(new Caller(principal, ""), rule));
  }

  @ParameterizedTest
  @ValueSource(strings = {"uid:1001", "uid:10000", "uid:00", "root", ""})
  void everybodyElseIsDeniedByNameOfThePermission(String principal) {
    DriverException failure =
        catchThrowableOfType(
            DriverException.class, () -> admission.permit(new Caller(principal, ""), rule));
    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_PERMISSION_DENIED);
    assertThat(failure.metadata())
        .containsEntry("permission", "domain.power")
        .containsEntry("principal", principal);
  }

  @Test
  void whoIsNotProvenIsDenied() {
    DriverException failure =
        catchThrowableOfType(DriverException.class, () -> admission.identify(Attributes.EMPTY));
    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_PERMISSION_DENIED);
  }

  @Test
  void aMethodWithoutARuleIsDenied() {
    DriverException failure =
        catchThrowableOfType(
            DriverException.class, () -> admission.rule("drover.v1.DomainService/Explode"));
    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_METHOD_WITHOUT_RULE);
  }
}
