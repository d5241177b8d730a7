package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.v1.CreateDomainRequest;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.ErrorReason;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CallsTest {
  private final FakeDaemon daemon = new FakeDaemon();
  private Drover drover;

  @BeforeEach
  void connect() {
    drover = daemon.connect();
    daemon.domains.add("web", DomainState.DOMAIN_STATE_SHUT_OFF, 0);
  }

  @AfterEach
  void close() throws InterruptedException {
    drover.close();
    daemon.close();
  }

  @Test
  void everyCallCarriesConnectionUriAndReadOnly() { // A4
    try (Drover readOnly =
        Drover.builder()
            .channel(daemon.channel())
            .uri("qemu+unix:///session?socket=/s")
            .readOnly(true)
            .build()) {
      readOnly.domains().list();
    }
    drover.host().version();

    assertThat(daemon.calls())
        .containsExactly(
            new FakeDaemon.Call("ListDomains", Optional.of("qemu:///session"), true),
            new FakeDaemon.Call("GetVersion", Optional.empty(), false));
  }

  @Test
  void listsAreReadPageByPage() { // R20
    daemon.domains.add("api", DomainState.DOMAIN_STATE_RUNNING, 1);
    daemon.domains.add("db", DomainState.DOMAIN_STATE_PAUSED, 2);

    assertThat(drover.domains().list())
        .extracting(domain -> domain.getSpec().getName())
        .containsExactly("api", "db", "web");
    assertThat(daemon.calls("ListDomains")).isEqualTo(2);
  }

  @Test
  void aMutatingCallWhoseAnswerIsLostRunsOnce() { // R7
    drover.host().version();
    daemon.loseNextAnswer();

    assertThat(drover.domain("web").start().getStatus().getState())
        .isEqualTo(DomainState.DOMAIN_STATE_RUNNING);
    assertThat(daemon.calls("StartDomain")).isEqualTo(2);
    assertThat(daemon.domains.starts()).isEqualTo(1);
  }

  @Test
  void eachCallGetsARequestIdOfItsOwn() { // R7
    drover.domain("web").start();
    drover.domain("web").start();

    assertThat(daemon.domains.starts()).isEqualTo(2);
  }

  @Test
  void aDaemonThatComesBackIsFoundAgain() throws InterruptedException { // R7
    drover.host().version();
    daemon.stop();
    Thread restart = Thread.ofVirtual().start(daemon::start);

    assertThat(drover.domains().list()).hasSize(1);
    restart.join();
  }

  @Test
  void twentyRestartsLoseNoCallAndRepeatNone() throws InterruptedException { // R7
    drover.host().version();
    for (int restart = 1; restart <= 20; restart++) {
      daemon.stop();
      Thread back = Thread.ofVirtual().start(daemon::start);
      if (restart % 2 == 0) {
        daemon.loseNextAnswer();
      }

      drover.domain("web").start();

      back.join();
      assertThat(daemon.domains.starts()).isEqualTo(restart);
    }
  }

  @Test
  void aDaemonThatWasNeverThereIsReportedAtOnce() throws InterruptedException {
    daemon.stop();

    DroverException failure = failure(() -> drover.host().version());

    assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(failure)
        .hasMessageContaining("Cannot reach the daemon at")
        .hasMessageContaining("droverd");
  }

  @Test
  void aDaemonThatStaysAwayIsReportedAfterTheReconnectTime() throws InterruptedException {
    try (Drover impatient =
        Drover.builder().channel(daemon.channel()).reconnectFor(Duration.ofMillis(50)).build()) {
      impatient.host().version();
      daemon.stop();

      assertThat(failure(() -> impatient.host().version()).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "ERROR_REASON_DOMAIN_UNRESPONSIVE",
        "ERROR_REASON_HYPERVISOR_CONNECTION_LOST",
        "ERROR_REASON_INJECTED_FAULT"
      })
  void unavailableThingsBehindTheDaemonAreNotRetried(ErrorReason reason) { // R4
    drover.host().version();
    daemon.refuseNext(
        FakeDaemon.error(reason, Status.Code.UNAVAILABLE, "No answer", Map.of("domain", "web")));

    assertThat(failure(() -> drover.domain("web").start()).reason()).isEqualTo(reason);
    assertThat(daemon.calls("StartDomain")).isEqualTo(1);
  }

  @Test
  void aStoppingDaemonIsAskedAgain() {
    daemon.refuseNext(
        FakeDaemon.error(
            ErrorReason.ERROR_REASON_DAEMON_STOPPING,
            Status.Code.UNAVAILABLE,
            "The daemon is stopping",
            Map.of()));

    assertThat(drover.domains().list()).hasSize(1);
  }

  @Test
  void failuresCarryReasonCodeMessageAndMetadata() { // R18
    DroverException failure = failure(() -> drover.domain("nobody").get());

    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_DOMAIN_NOT_FOUND);
    assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(failure)
        .hasMessage("Domain 'nobody' does not exist; 'list --all' shows those that do");
    assertThat(failure.metadata()).containsExactly(Map.entry("domain", "nobody"));
  }

  @Test
  void failuresAreReachableAsGrpcSaysThem() {
    Status said = failure(() -> drover.domain("nobody").get()).grpcStatus();

    assertThat(said.getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(said.getDescription()).contains("Domain 'nobody' does not exist");
    Status stored =
        DroverException.from(
                FakeDaemon.status(
                    ErrorReason.ERROR_REASON_NO_SPACE,
                    Status.Code.RESOURCE_EXHAUSTED,
                    "No space",
                    Map.of()))
            .grpcStatus();
    assertThat(stored.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(stored.getDescription()).isEqualTo("No space");
  }

  @ParameterizedTest
  @EnumSource(value = Status.Code.class, names = "OK", mode = EnumSource.Mode.EXCLUDE)
  void everyCodeOfGrpcHasItsName(Status.Code code) {
    daemon.refuseNext(
        FakeDaemon.error(ErrorReason.ERROR_REASON_INJECTED_FAULT, code, "As ordered", Map.of()));

    ErrorCode read = failure(() -> drover.domain("web").start()).code();

    assertThat(read.name()).isEqualTo(code.name());
    assertThat(read.number()).isEqualTo(code.value());
  }

  @Test
  void aCodeThatIsNoneOrNewReadsAsUnknown() {
    for (int number : new int[] {0, 17, -1}) {
      assertThat(
              DroverException.from(com.google.rpc.Status.newBuilder().setCode(number).build())
                  .code())
          .isEqualTo(ErrorCode.UNKNOWN);
    }
  }

  @Test
  void failuresWithoutDetailsKeepTheirCode() {
    daemon.refuseNext(Status.PERMISSION_DENIED.withDescription("go away").asRuntimeException());

    DroverException failure = failure(() -> drover.host().version());

    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_UNSPECIFIED);
    assertThat(failure.code()).isEqualTo(ErrorCode.PERMISSION_DENIED);
    assertThat(failure).hasMessage("PERMISSION_DENIED: go away");
  }

  @Test
  void aCallEndsAtItsDeadline() { // R10
    DroverException failure =
        failure(
            () ->
                drover.call(
                    DomainServiceGrpc.getCreateDomainMethod(),
                    CreateDomainRequest.newBuilder()
                        .setSpec(DomainSpec.newBuilder().setName("late"))
                        .build(),
                    Duration.ZERO));

    assertThat(failure.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
    assertThat(failure).hasMessageContaining("did not answer in time");
  }

  @Test
  void domainsAreFoundByIdUuidAndName() {
    daemon.domains.add("12", DomainState.DOMAIN_STATE_SHUT_OFF, 0);
    daemon.domains.add("api", DomainState.DOMAIN_STATE_RUNNING, 3);

    assertThat(List.of("web", FakeDomains.uuid("web"), "3", "12"))
        .extracting(words -> drover.domains().find(words).get().getSpec().getName())
        .containsExactly("web", "web", "api", "12");
  }

  private static DroverException failure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(DroverException.class, call);
  }
}
