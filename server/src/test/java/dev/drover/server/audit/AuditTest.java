package dev.drover.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.server.lifecycle.Host;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainServiceGrpc;
import dev.drover.v1.GetDomainRequest;
import dev.drover.v1.StartDomainRequest;
import dev.drover.v1.StartDomainResponse;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** R30: one record for each call that changes something, refused ones included. */
class AuditTest {

  private static final DomainRef WEB = DomainRef.newBuilder().setName("web").build();

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();
  private final Logger logger = (Logger) LoggerFactory.getLogger(JsonAuditLog.LOGGER);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private RunningDaemon daemon;

  @BeforeEach
  void start() {
    logger.setLevel(Level.INFO);
    lines.start();
    logger.addAppender(lines);
    daemon = RunningDaemon.inProcess(directory, provider);
    provider.driver().put("web");
  }

  @AfterEach
  void stop() {
    daemon.close();
    logger.detachAppender(lines);
    logger.setLevel(null);
  }

  private JsonNode only() throws JsonProcessingException {
    await().atMost(Duration.ofSeconds(10)).until(() -> !lines.list.isEmpty());
    assertThat(List.copyOf(lines.list)).hasSize(1);
    return JsonMapper.builder().build().readTree(lines.list.getFirst().getFormattedMessage());
  }

  @Test
  void aCallThatChangedSomethingIsRecordedOnceWithWhoWhatAndHow() throws JsonProcessingException {
    DomainServiceGrpc.newBlockingStub(daemon.channel())
        .startDomain(StartDomainRequest.newBuilder().setDomain(WEB).setRequestId("r1").build());
    JsonNode entry = only();
    assertThat(entry.get("principal").asText()).isEqualTo("uid:" + Host.userId());
    assertThat(entry.get("origin").asText()).isEqualTo("in process");
    assertThat(entry.get("method").asText()).isEqualTo("drover.v1.DomainService/StartDomain");
    assertThat(entry.get("domain").asText()).isEqualTo("web");
    assertThat(entry.get("request_id").asText()).isEqualTo("r1");
    assertThat(entry.get("result").asText()).isEqualTo("OK");
    assertThat(entry.get("duration_ms").isIntegralNumber()).isTrue();
  }

  @Test
  void aRefusedChangeIsRecordedWithItsReason() throws JsonProcessingException {
    var stub = DomainServiceGrpc.newBlockingStub(daemon.with("drover-read-only", "true"));
    assertThat(
            catchThrowable(
                () ->
                    stub.startDomain(
                        StartDomainRequest.newBuilder().setDomain(WEB).setRequestId("r2").build())))
        .isNotNull();
    JsonNode entry = only();
    assertThat(entry.get("result").asText()).isEqualTo("READ_ONLY_CONNECTION");
    assertThat(entry.get("domain").asText()).isEqualTo("web");
    assertThat(entry.get("request_id").asText()).isEqualTo("r2");
  }

  @Test
  void aCallOfNobodyIsRecorded(@TempDir Path elsewhere) throws IOException {
    Path policy = Files.writeString(elsewhere.resolve("policy.toml"), "");
    RunningDaemon anonymous =
        RunningDaemon.governed(elsewhere, policy, _ -> Optional.empty(), FakeProvider.complete());
    try (anonymous) {
      var stub = DomainServiceGrpc.newBlockingStub(anonymous.channel());
      var request = StartDomainRequest.newBuilder().setDomain(WEB).setRequestId("r3").build();
      assertThat(catchThrowable(() -> stub.startDomain(request)))
          .hasMessageContaining("does not prove who you are");
      JsonNode entry = only();
      assertThat(entry.get("principal").asText()).isEmpty();
      assertThat(entry.get("method").asText()).isEqualTo("drover.v1.DomainService/StartDomain");
      assertThat(entry.get("domain").asText()).isEqualTo("web");
      assertThat(entry.get("request_id").asText()).isEqualTo("r3");
      assertThat(entry.get("result").asText()).isEqualTo("PERMISSION_DENIED");
    }
  }

  @Test
  void readsAreNotRecorded() throws JsonProcessingException {
    DomainServiceGrpc.newBlockingStub(daemon.channel())
        .getDomain(GetDomainRequest.newBuilder().setDomain(WEB).build());
    DomainServiceGrpc.newBlockingStub(daemon.channel())
        .startDomain(StartDomainRequest.newBuilder().setDomain(WEB).build());
    assertThat(only().get("method").asText()).endsWith("StartDomain");
  }

  /** R10: nobody is there to be answered, and yet what was tried is on record. */
  @ParameterizedTest
  @ValueSource(strings = {"false", "true"})
  void aCallThatItsClientGaveUpIsRecorded(String readOnly) throws JsonProcessingException {
    ClientCall<StartDomainRequest, StartDomainResponse> call =
        daemon
            .with("drover-read-only", readOnly)
            .newCall(DomainServiceGrpc.getStartDomainMethod(), RunningDaemon.options());
    call.start(new ClientCall.Listener<>() {}, new Metadata());
    call.cancel("enough", null);
    JsonNode entry = only();
    assertThat(entry.get("method").asText()).isEqualTo("drover.v1.DomainService/StartDomain");
    assertThat(entry.get("result").asText()).isEqualTo("CALL_CANCELLED");
    assertThat(provider.driver().seen()).isEmpty();
  }
}
