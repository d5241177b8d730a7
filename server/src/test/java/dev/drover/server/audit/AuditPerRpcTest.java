package dev.drover.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.drover.server.fake.ApiMethods;
import dev.drover.server.fake.Callers;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Effect;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** R30: each RPC of the API by itself: who, what, about what and how it ended, or no record. */
class AuditPerRpcTest {

  private static final String POLICY =
      """
      [[binding]]
      principals = ["x509:dns:ada"]
      role = "admin"
      domains = ["other"]
      """;

  @TempDir private Path directory;
  private final Callers callers = new Callers();
  private final Logger logger = (Logger) LoggerFactory.getLogger(JsonAuditLog.LOGGER);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private RunningDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    logger.setLevel(Level.INFO);
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
    FakeProvider provider = FakeProvider.complete();
    Path policy = Files.writeString(directory.resolve("policy.toml"), POLICY);
    daemon = RunningDaemon.governed(directory, policy, callers, provider);
    provider.driver().put("web");
  }

  @AfterEach
  void stop() {
    daemon.close();
    logger.detachAppender(lines);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  static Stream<Arguments> methods() {
    return ApiMethods.all().map(method -> Arguments.of(method.getFullMethodName(), method));
  }

  /** A request that names the domain where the method has a field for it. */
  private static Message about(MethodDescriptor<Message, Message> method) {
    Message.Builder request = ApiMethods.empty(method).toBuilder();
    FieldDescriptor domain = request.getDescriptorForType().findFieldByName("domain");
    FieldDescriptor spec = request.getDescriptorForType().findFieldByName("spec");
    if (domain != null && domain.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      request.setField(domain, DomainRef.newBuilder().setName("web").build());
    } else if (spec != null) {
      request.setField(spec, DomainSpec.newBuilder().setName("web").build());
    }
    return request.build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void everyChangeLeavesOneRecordAndNoReadDoes(
      String name, MethodDescriptor<Message, Message> method) throws JsonProcessingException {
    Message request = about(method);
    List<String> principals = List.of("uid:0", "x509:dns:ada", "x509:dns:nobody");
    List<String> outcomes = new ArrayList<>();
    for (String principal : principals) {
      callers.now(principal);
      outcomes.add(ApiMethods.outcome(daemon.channel(), method, request));
    }
    assertThat(outcomes.getLast()).isEqualTo("PERMISSION_DENIED");
    // A record of a call that comes after the others: theirs are written by then, or never.
    ApiMethods.outcome(daemon.channel(), marker(), ApiMethods.empty(marker()));
    boolean mutates = ApiMethods.rule(method).getEffect() == Effect.EFFECT_MUTATES;
    int expected = mutates ? principals.size() : 0;
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(List.copyOf(lines.list)).hasSize(expected + 1));
    for (int i = 0; i < expected; i++) {
      JsonNode entry = entry(principals.get(i));
      assertThat(entry.get("method").asText()).isEqualTo(name);
      assertThat(entry.get("origin").asText()).isEqualTo("test");
      assertThat(entry.get("result").asText()).isEqualTo(outcomes.get(i));
      if (!request.getAllFields().isEmpty()) {
        assertThat(entry.get("domain").asText()).isEqualTo("web");
      }
    }
  }

  private JsonNode entry(String principal) throws JsonProcessingException {
    for (ILoggingEvent line : lines.list) {
      JsonNode entry = JsonMapper.builder().build().readTree(line.getFormattedMessage());
      if (entry.get("principal").asText().equals(principal)) {
        return entry;
      }
    }
    throw new AssertionError("no record of " + principal);
  }

  private MethodDescriptor<Message, Message> marker() {
    callers.now("x509:dns:marker");
    return ApiMethods.all()
        .filter(method -> method.getFullMethodName().endsWith("/StartDomain"))
        .findFirst()
        .orElseThrow();
  }
}
