package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.drover.server.fake.Callers;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.v1.DomainRef;
import dev.drover.v1.ExplainPermissionRequest;
import dev.drover.v1.ExplainPermissionResponse;
import dev.drover.v1.HostServiceGrpc;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R23: the policy says itself what decides. */
class ExplainPermissionTest {

  private static final String POLICY =
      """
      [[binding]]
      principals = ["x509:dns:ada"]
      role = "operator"
      labels = { team = "a" }
      """;

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();
  private RunningDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    Path policy = Files.writeString(directory.resolve("policy.toml"), POLICY);
    daemon = RunningDaemon.governed(directory, policy, new Callers(), provider);
    provider.driver().put("web", Map.of("team", "a"));
    provider.driver().put("db");
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  private ExplainPermissionResponse explain(String who, String method, String domain) {
    ExplainPermissionRequest.Builder request =
        ExplainPermissionRequest.newBuilder().setPrincipal(who).setMethod(method);
    if (!domain.isEmpty()) {
      request.setDomain(DomainRef.newBuilder().setName(domain));
    }
    return HostServiceGrpc.newBlockingStub(daemon.channel()).explainPermission(request.build());
  }

  private String reason(String method, String domain) {
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> explain("x509:dns:ada", method, domain));
    return RunningDaemon.info(failure).getReason();
  }

  @Test
  void theBindingThatDecidesIsNamed() {
    assertThat(explain("x509:dns:ada", "StartDomain", "web"))
        .isEqualTo(
            ExplainPermissionResponse.newBuilder()
                .setAllowed(true)
                .setMethod("drover.v1.DomainService/StartDomain")
                .setPermission("domain.power")
                .setRole("operator")
                .setLine(1)
                .setLimited(true)
                .setDetail(
                    "x509:dns:ada may call drover.v1.DomainService/StartDomain on the domain 'web':"
                        + " the binding in line 1 of the policy gives it the role operator, which"
                        + " has domain.power")
                .build());
    assertThat(explain("x509:dns:ada", "DomainService/StartDomain", "").getDetail())
        .contains("StartDomain on some domains: ");
    assertThat(explain("uid:0", "drover.v1.HostService/ExplainPermission", "").getDetail())
        .endsWith("it is root or the user the daemon runs as");
  }

  @Test
  void whatIsMissingIsNamed() {
    ExplainPermissionResponse elsewhere = explain("x509:dns:ada", "StartDomain", "db");
    assertThat(elsewhere.getAllowed()).isFalse();
    assertThat(elsewhere.getRole()).isEmpty();
    assertThat(elsewhere.getDetail())
        .endsWith("on the domain 'db': no binding gives it a role with domain.power there");
    assertThat(explain("x509:dns:ada", "BlockPull", "web").getAllowed()).isFalse();
    assertThat(explain("uid:77", "GetVersion", "").getAllowed()).isFalse();
  }

  @Test
  void whatCannotBeMeantIsRefused() {
    assertThat(reason("Explode", "")).isEqualTo("INVALID_ARGUMENT");
    assertThat(reason("ServerReflectionInfo", "")).isEqualTo("INVALID_ARGUMENT");
    assertThat(reason("StartDomain", "absent")).isEqualTo("DOMAIN_NOT_FOUND");
  }
}
