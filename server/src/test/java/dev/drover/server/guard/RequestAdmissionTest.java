package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.server.config.ConfigReader;
import dev.drover.server.config.DaemonConfig;
import dev.drover.server.fake.FakeDriver;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.v1.DefineDomainRequest;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.DomainServiceGrpc.DomainServiceBlockingStub;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.StartDomainRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a request is held to before a driver is asked: its size, its time, and that it runs once.
 */
class RequestAdmissionTest {

  private static final Duration DEFAULT = Duration.ofMinutes(5);
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final int MOST_BYTES = 4096;
  private static final StartDomainRequest START =
      StartDomainRequest.newBuilder().setDomain(DomainRef.newBuilder().setName("web")).build();

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();
  private RunningDaemon daemon;
  private DomainServiceBlockingStub domains;

  @BeforeEach
  void start() {
    daemon = RunningDaemon.inProcess(directory, plan -> plan.config(config()), provider);
    domains = DomainServiceGrpc.newBlockingStub(daemon.channel());
    provider.driver().put("web");
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  private static DaemonConfig config() {
    DaemonConfig all = ConfigReader.defaults();
    DaemonConfig.Limits limits = all.limits();
    return all.withLimits(
        new DaemonConfig.Limits(
            MOST_BYTES,
            limits.callsPerConnection(),
            limits.watchers(),
            limits.eventHistory(),
            DEFAULT,
            LONGEST,
            limits.requestRecords(),
            limits.requestRecordAge(),
            limits.callsPerCaller(),
            limits.driver()));
  }

  @Test
  void aCallHasTheTimeThatItsClientHas() {
    // R10
    assertThat(timeOf(domains.withDeadlineAfter(100, TimeUnit.SECONDS)))
        .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(100));
  }

  @Test
  void aCallWhoseClientWaitsForEverHasTheUsualTime() {
    assertThat(timeOf(domains)).isBetween(DEFAULT.minusSeconds(40), DEFAULT);
  }

  @Test
  void nobodyGetsMoreTimeThanThereIs() {
    assertThat(timeOf(domains.withDeadlineAfter(1, TimeUnit.DAYS)))
        .isBetween(LONGEST.minusSeconds(40), LONGEST);
  }

  /** The time that the driver was given, which may be a little less: some has passed. */
  private Duration timeOf(DomainServiceBlockingStub stub) {
    Instant before = Instant.now();
    var _ = stub.startDomain(START);
    Duration given = Duration.between(before, provider.driver().seen().getLast().call().deadline());
    Duration passed = Duration.between(before, Instant.now());
    return given.minus(passed);
  }

  @Test
  void aRequestMayBeAsLargeAsTheLimitAndNoLarger() {
    // R29
    DefineDomainRequest largest = define(MOST_BYTES);
    assertThat(largest.getSerializedSize()).isEqualTo(MOST_BYTES);
    assertThat(domains.defineDomain(largest).hasDomain()).isTrue();

    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> domains.defineDomain(define(MOST_BYTES + 1)));
    assertThat(RunningDaemon.info(failure).getReason()).isEqualTo("LIMIT_EXCEEDED");
    assertThat(RunningDaemon.info(failure).getMetadataMap())
        .containsEntry("limit", "message_bytes")
        .containsEntry("maximum", Integer.toString(MOST_BYTES));
    assertThat(provider.driver().seen()).hasSize(1);
  }

  private static DefineDomainRequest define(int bytes) {
    DefineDomainRequest some = defined("x".repeat(bytes - 100));
    return defined("x".repeat(bytes - 100 + bytes - some.getSerializedSize()));
  }

  private static DefineDomainRequest defined(String description) {
    return DefineDomainRequest.newBuilder()
        .setSpec(
            DomainSpec.newBuilder()
                .setName("large")
                .setMemoryBytes(1 << 28)
                .setDescription(description))
        .build();
  }

  @Test
  void whatOnlyValidatesDoesNotUseUpItsRequestId() {
    // R7, R24: the call that follows it with the same id has to run.
    DefineDomainRequest request = defined("once").toBuilder().setRequestId("r").build();
    var _ = domains.defineDomain(request.toBuilder().setValidateOnly(true).build());
    var _ = domains.defineDomain(request);
    var _ = domains.defineDomain(request);
    assertThat(provider.driver().seen())
        .extracting(FakeDriver.Seen::request)
        .isEqualTo(List.of(request.toBuilder().setValidateOnly(true).build(), request));
  }

  @Test
  void whatHasNoRequestIdRunsEachTime() {
    // R7
    var _ = domains.startDomain(START);
    var _ = domains.startDomain(START);
    assertThat(provider.driver().seen()).hasSize(2);
  }
}
