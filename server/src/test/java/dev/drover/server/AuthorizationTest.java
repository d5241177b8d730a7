package dev.drover.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.drover.server.access.Permission;
import dev.drover.server.fake.ApiMethods;
import dev.drover.server.fake.Callers;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** R23: each RPC, each built-in role and nobody's: allowed or denied as the RPC's rule says. */
class AuthorizationTest {

  private static final Set<String> READS =
      Set.of(
          "host.read",
          "domain.read",
          "domain.block.read",
          "domain.snapshot.read",
          "job.read",
          "event.read");

  /** What the roles give, written down a second time. */
  private static final Map<String, Set<String>> ROLES =
      Map.of(
          "viewer", READS,
          "operator", and("domain.power", "job.write"),
          "backup", and("domain.snapshot.write", "domain.block.write", "job.write"),
          "admin",
              and(
                  "host.admin",
                  "domain.write",
                  "domain.power",
                  "domain.block.write",
                  "domain.snapshot.write",
                  "domain.qemu-args",
                  "job.write",
                  "testing.control"),
          "none", Set.of());

  private static Set<String> and(String... more) {
    return Stream.concat(READS.stream(), Arrays.stream(more))
        .collect(Collectors.toUnmodifiableSet());
  }

  @TempDir private Path directory;
  private final Callers callers = new Callers();
  private RunningDaemon daemon;

  @BeforeEach
  void start() throws IOException {
    StringBuilder policy = new StringBuilder();
    for (String role : ROLES.keySet()) {
      if (!role.equals("none")) {
        policy.append(
            "[[binding]]\nprincipals = [\"x509:dns:%s\"]\nrole = \"%s\"\n".formatted(role, role));
      }
    }
    Path file = Files.writeString(directory.resolve("policy.toml"), policy);
    daemon = RunningDaemon.governed(directory, file, callers, FakeProvider.complete());
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  static Stream<Arguments> methods() {
    return ApiMethods.all().map(method -> Arguments.of(method.getFullMethodName(), method));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void everyRoleMayDoWhatTheRuleSays(String name, MethodDescriptor<Message, Message> method) {
    String permission = ApiMethods.rule(method).getPermission();
    ROLES.forEach(
        (role, permissions) -> {
          callers.now("x509:dns:" + role);
          String outcome = ApiMethods.outcome(daemon.channel(), method, ApiMethods.empty(method));
          if (permissions.contains(permission)) {
            assertThat(outcome).as("%s, %s", name, role).isNotEqualTo("PERMISSION_DENIED");
          } else {
            assertThat(outcome).as("%s, %s", name, role).isEqualTo("PERMISSION_DENIED");
          }
        });
  }

  /** A rule whose permission no policy knows would be a call that nobody can be given. */
  @Test
  void everyPermissionOfARuleCanBeGiven() {
    Set<String> declared =
        ApiMethods.all()
            .map(method -> ApiMethods.rule(method).getPermission())
            .collect(Collectors.toSet());
    declared.addAll(Set.of("domain.qemu-args", "host.admin"));
    assertThat(Arrays.stream(Permission.values()).map(Permission::text))
        .containsExactlyInAnyOrderElementsOf(declared);
  }
}
