package dev.drover.server.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.spi.DaemonMode;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Capability;
import dev.drover.v1.DriverCapabilities;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.GetCapabilitiesRequest;
import dev.drover.v1.GetVersionRequest;
import dev.drover.v1.HostServiceGrpc;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which driver answers. */
class DriverRegistryTest {

  @TempDir private Path directory;

  private static String uri(RunningDaemon daemon) {
    return HostServiceGrpc.newBlockingStub(daemon.channel())
        .getVersion(GetVersionRequest.getDefaultInstance())
        .getConnectionUri();
  }

  @Test
  void qemuAnswersByDefaultWhereItIsInstalledElseTheTestDriver() {
    try (RunningDaemon daemon =
        RunningDaemon.inProcess(
            directory, FakeProvider.complete(), FakeProvider.bare("qemu", "qemu:///session"))) {
      assertThat(uri(daemon)).isEqualTo("qemu:///session");
    }
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, FakeProvider.complete())) {
      assertThat(uri(daemon)).isEqualTo("test:///default");
    }
  }

  @Test
  void aDriverThatCannotBeOpenedKeepsNoOtherFromServingAndSaysWhy() {
    DriverException missing =
        DriverException.of(
            ErrorReason.ERROR_REASON_HYPERVISOR_NOT_FOUND, "there is no qemu-system-x86_64");
    try (RunningDaemon daemon =
        RunningDaemon.inProcess(
            directory, FakeProvider.broken("qemu", missing), FakeProvider.complete())) {
      StatusRuntimeException failure =
          catchThrowableOfType(StatusRuntimeException.class, () -> uri(daemon));
      assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("HYPERVISOR_NOT_FOUND");
      assertThat(failure).hasMessageContaining("there is no qemu-system-x86_64");
      List<DriverCapabilities> drivers =
          HostServiceGrpc.newBlockingStub(daemon.with("drover-uri", "test:///default"))
              .getCapabilities(GetCapabilitiesRequest.getDefaultInstance())
              .getDriversList();
      assertThat(drivers).extracting(DriverCapabilities::getScheme).containsExactly("test", "qemu");
      assertThat(drivers.getLast().getUnavailableDetail())
          .contains("there is no qemu-system-x86_64");
    }
  }

  @Test
  void nothingOfAnUnexpectedFailureAtOpeningLeaks() {
    try (RunningDaemon daemon =
        RunningDaemon.inProcess(
            directory,
            FakeProvider.broken("qemu", new IllegalStateException("secret")),
            FakeProvider.complete())) {
      StatusRuntimeException failure =
          catchThrowableOfType(StatusRuntimeException.class, () -> uri(daemon));
      assertThat(failure.getMessage()).doesNotContain("secret");
    }
  }

  /** A3, R16: capabilities follow from facets and declarations. */
  @Test
  void capabilitiesAreThoseOfTheFacetsAndTheDeclaredOnes() {
    try (RunningDaemon daemon =
        RunningDaemon.inProcess(
            directory, FakeProvider.complete(), FakeProvider.bare("bare", "bare:///x"))) {
      List<DriverCapabilities> drivers =
          HostServiceGrpc.newBlockingStub(daemon.with("drover-uri", "bare:///x"))
              .getCapabilities(GetCapabilitiesRequest.getDefaultInstance())
              .getDriversList();
      assertThat(drivers.getFirst().getCapabilitiesList())
          .containsExactly(Capability.CAPABILITY_DOMAIN_LIFECYCLE);
      assertThat(drivers.getLast().getCapabilitiesList())
          .contains(Capability.CAPABILITY_BLOCK_COPY, Capability.CAPABILITY_TEST_CONTROL);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"test", "test:default", "test://host/default", "test:///default?socket=/x", "%"})
  void whatIsNoConnectionUriIsToldSo(String uri) {
    DriverRegistry registry =
        new DriverRegistry(DaemonMode.SESSION, Optional.empty(), List.of(), List.of());
    DriverException failure =
        catchThrowableOfType(DriverException.class, () -> registry.resolve(Optional.of(uri)));
    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_CONNECTION_URI_INVALID);
    assertThat(failure.metadata()).containsEntry("uri", uri);
  }

  @Test
  void aPathThatTheDriverDoesNotServeIsAnsweredWithThoseItDoes() {
    try (RunningDaemon daemon = RunningDaemon.inProcess(directory, FakeProvider.complete())) {
      var stub = HostServiceGrpc.newBlockingStub(daemon.with("drover-uri", "test:///other"));
      StatusRuntimeException failure =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () -> stub.getVersion(GetVersionRequest.getDefaultInstance()));
      assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("UNKNOWN_DRIVER");
      assertThat(RunningDaemon.info(failure).getMetadataMap())
          .containsEntry("known", "test:///default");
    }
  }
}
