package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Message;
import dev.drover.server.access.RolePolicy;
import dev.drover.server.driver.DriverConnection;
import dev.drover.server.fake.ApiMethods;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.server.watch.EventHub;
import dev.drover.spi.CallContext;
import dev.drover.spi.Caller;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.Effect;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.SetDomainAutostartRequest;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A3, R16: a driver is asked for what it has and declares, and for nothing else. */
class FacetGuardTest {

  @TempDir private Path directory;
  private final FakeProvider complete = FakeProvider.complete();
  private final FakeProvider bare = FakeProvider.bare("bare", "bare:///x");
  private RunningDaemon daemon;

  @BeforeEach
  void start() {
    daemon = RunningDaemon.inProcess(directory, complete, bare);
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  private static DriverConnection connection(FakeProvider provider) {
    return DriverConnection.of(provider.scheme(), "", provider.driver(), new EventHub(1, 16));
  }

  static Stream<Arguments> methods() {
    return ApiMethods.all().map(method -> Arguments.of(method.getFullMethodName(), method));
  }

  private static MethodRule rule(String method, String service) {
    return new MethodRule(method, service, "domain.read", Effect.EFFECT_READS, false, true);
  }

  private static Optional<DriverException> refusal(
      FakeProvider provider, MethodRule rule, Message request) {
    return Optional.ofNullable(
        catchThrowableOfType(
            DriverException.class, () -> FacetGuard.check(connection(provider), rule, request)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void aMethodWhoseFacetIsMissingIsRefused(String name, MethodDescriptor<Message, Message> method) {
    String service = Objects.requireNonNull(method.getServiceName());
    MethodRule rule = rule(name, service);
    Message request = ApiMethods.empty(method);
    assertThat(refusal(complete, rule, request)).isEmpty();
    boolean always = name.matches("drover\\.v1\\.(Host|Domain|Event)Service/.*");
    Optional<DriverException> refused = refusal(bare, rule, request);
    if (!always || !RequestNeeds.of(request).isEmpty()) {
      assertThat(refused.map(DriverException::reason))
          .contains(ErrorReason.ERROR_REASON_NOT_SUPPORTED);
      assertThat(refused.orElseThrow().metadata()).containsEntry("method", name);
      assertThat(refused.orElseThrow().metadata().containsKey("capability")).isEqualTo(always);
    } else {
      assertThat(refused).isEmpty();
    }
  }

  @Test
  void whatIsNotDeclaredIsNamed() {
    DriverException refused =
        refusal(
                bare,
                rule("drover.v1.DomainService/SetDomainAutostart", "drover.v1.DomainService"),
                SetDomainAutostartRequest.getDefaultInstance())
            .orElseThrow();
    assertThat(refused.metadata()).containsEntry("capability", "CAPABILITY_DOMAIN_AUTOSTART");
    assertThat(refused).hasMessageContaining("the driver bare does not declare");
  }

  @Test
  void aServiceThatNoFacetIsKnownForIsRefused() {
    assertThat(
            refusal(
                complete,
                rule("drover.v1.OddService/Odd", "drover.v1.OddService"),
                SetDomainAutostartRequest.getDefaultInstance()))
        .isPresent();
  }

  private ActiveCall active(FakeProvider provider) {
    DriverConnection connection = connection(provider);
    Caller caller = new Caller("uid:0", "");
    return new ActiveCall(
        "drover.v1.JobService/CompleteJobs",
        "",
        new CallContext(caller, "c1", Instant.MAX, () -> false, ""),
        connection,
        new Visibility(new RolePolicy(0, List.of()), caller, connection.driver().domains()));
  }

  static Stream<Consumer<ActiveCall>> facets() {
    return Stream.of(
        ActiveCall::blockJobs,
        ActiveCall::jobs,
        ActiveCall::chainRepairs,
        ActiveCall::jobGroups,
        ActiveCall::snapshots,
        ActiveCall::testControl);
  }

  /** Where a service asks for a facet all the same. */
  @ParameterizedTest
  @MethodSource("facets")
  void aFacetThatIsMissingIsNotSupported(Consumer<ActiveCall> facet) {
    facet.accept(active(complete));
    DriverException refused =
        catchThrowableOfType(DriverException.class, () -> facet.accept(active(bare)));
    assertThat(refused.reason()).isEqualTo(ErrorReason.ERROR_REASON_NOT_SUPPORTED);
    assertThat(refused.metadata()).containsEntry("method", "drover.v1.JobService/CompleteJobs");
  }

  @Test
  void aServiceFindsTheCallThatItServes() throws Exception {
    ActiveCall call = active(complete);
    assertThat(call.in(Context.ROOT).call(ActiveCall::current)).isSameAs(call);
    assertThatIllegalStateException().isThrownBy(ActiveCall::current);
  }
}
