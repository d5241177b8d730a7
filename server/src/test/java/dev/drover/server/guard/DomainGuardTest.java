package dev.drover.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.drover.server.access.Permission;
import dev.drover.server.access.PolicyException;
import dev.drover.server.access.PolicyReader;
import dev.drover.server.access.RolePolicy;
import dev.drover.server.driver.DriverConnection;
import dev.drover.server.fake.ApiMethods;
import dev.drover.server.fake.FakeDriver;
import dev.drover.server.fake.FakeProvider;
import dev.drover.server.fake.RunningDaemon;
import dev.drover.server.watch.EventHub;
import dev.drover.spi.Caller;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.DomainRef;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.Effect;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.EventKind;
import dev.drover.v1.GetVersionRequest;
import dev.drover.v1.JobState;
import io.grpc.MethodDescriptor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * R23: every RPC about a domain holds callers to their domains. The requests are made from the
 * descriptors, so that an RPC that names its domain in a way of its own fails here.
 */
class DomainGuardTest {

  /** Calls whose services show only what the caller may see. */
  private static final Set<String> FILTERED = Set.of("ListDomains", "ListJobs", "Watch");

  /** Reads and changes the domains of team a, reads those of team b and knows of no others. */
  private static final String POLICY =
      """
      [[binding]]
      principals = ["x509:dns:ada"]
      role = "admin"
      labels = { team = "a" }

      [[binding]]
      principals = ["x509:dns:ada"]
      role = "viewer"
      labels = { team = "b" }
      """;

  private static final Caller ADA = new Caller("x509:dns:ada", "");

  @TempDir private Path directory;
  private final FakeProvider provider = FakeProvider.complete();
  private RunningDaemon daemon;
  private DriverConnection connection;
  private DomainGuard guard;

  @BeforeEach
  void start() throws PolicyException {
    daemon = RunningDaemon.inProcess(directory, provider);
    FakeDriver driver = provider.driver();
    driver.put("own", Map.of("team", "a"));
    driver.put("seen", Map.of("team", "b", "team2", "a"));
    driver.put("hidden", Map.of("team", "c"));
    for (String domain : new String[] {"own", "seen", "hidden"}) {
      driver.put(
          FakeDriver.job("job-" + domain, JobState.JOB_STATE_RUNNING, domain),
          EventKind.EVENT_KIND_JOB_CREATED);
    }
    connection = DriverConnection.of("test", "", driver, new EventHub(1, 16));
    guard = new DomainGuard(new RolePolicy(1000, PolicyReader.parse(POLICY)));
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  static Stream<Arguments> methods() {
    return ApiMethods.all()
        .filter(
            method ->
                Permission.named(ApiMethods.rule(method).getPermission()).orElseThrow().scope()
                    == Permission.Scope.DOMAIN)
        .map(method -> Arguments.of(name(method), method));
  }

  private static String name(MethodDescriptor<?, ?> method) {
    return ApiMethods.descriptor(method).getName();
  }

  /** A request about a domain, by whatever field the method has for it. */
  private static Message about(MethodDescriptor<Message, Message> method, String domain) {
    Message.Builder request = ApiMethods.empty(method).toBuilder();
    var type = request.getDescriptorForType();
    Optional<FieldDescriptor> field =
        Stream.of("domain", "spec", "job_id", "job_ids")
            .flatMap(name -> Optional.ofNullable(type.findFieldByName(name)).stream())
            .findFirst();
    if (field.isEmpty()) {
      return request.build();
    }
    switch (field.get().getName()) {
      case "domain" ->
          request.setField(field.get(), DomainRef.newBuilder().setName(domain).build());
      case "spec" -> request.setField(field.get(), DomainSpec.newBuilder().setName(domain).build());
      case "job_id" -> request.setField(field.get(), "job-" + domain);
      default ->
          request
              .addRepeatedField(field.get(), "job-own")
              .addRepeatedField(field.get(), "job-" + domain);
    }
    return request.build();
  }

  private String outcome(MethodDescriptor<Message, Message> method, Message request) {
    try {
      return guard
          .check(request, ADA, ApiMethods.rule(method).getPermission(), connection)
          .map(absent -> "ABSENT " + absent.getMessage())
          .orElse("OK");
    } catch (DriverException e) {
      return e.reason().name().replace("ERROR_REASON_", "") + " " + e.getMessage();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void whatIsHiddenAnswersAsIfItWereNotThere(
      String name, MethodDescriptor<Message, Message> method) {
    String hidden = outcome(method, about(method, "hidden"));
    String absent = outcome(method, about(method, "absent"));
    if (FILTERED.contains(name)) {
      assertThat(hidden).isEqualTo("OK");
      assertThat(absent).isEqualTo("OK");
    } else if (name.equals("DefineDomain") || name.equals("CreateDomain")) {
      assertThat(hidden).startsWith("PERMISSION_DENIED");
      assertThat(absent).startsWith("PERMISSION_DENIED");
    } else {
      assertThat(hidden).startsWith(hidden.contains("job-") ? "JOB_NOT_FOUND" : "DOMAIN_NOT_FOUND");
      assertThat(hidden.replaceFirst("^\\w+", "").replace("hidden", "absent"))
          .isEqualTo(absent.replaceFirst("^ABSENT", ""));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void whatMayBeReadSaysWhatIsMissing(String name, MethodDescriptor<Message, Message> method) {
    String seen = outcome(method, about(method, "seen"));
    boolean reads = ApiMethods.rule(method).getEffect() == Effect.EFFECT_READS;
    if (reads) {
      assertThat(seen).isEqualTo("OK");
    } else {
      assertThat(seen)
          .startsWith("PERMISSION_DENIED")
          .contains(ApiMethods.rule(method).getPermission(), "x509:dns:ada");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("methods")
  void theOwnDomainsPass(String name, MethodDescriptor<Message, Message> method) {
    Message request = about(method, "own");
    FieldDescriptor spec = request.getDescriptorForType().findFieldByName("spec");
    if (spec != null && !name.equals("ImportSnapshot")) {
      request =
          request.toBuilder()
              .setField(spec, DomainSpec.newBuilder().setName("own").putLabels("team", "a").build())
              .build();
    }
    assertThat(outcome(method, request)).isEqualTo("OK");
  }

  /** What a limit cannot be applied to is denied: a new RPC is not open by mistake. */
  @Test
  void aRequestThatNamesNoDomainIsDenied() {
    DriverException failure =
        catchThrowableOfType(
            DriverException.class,
            () ->
                guard.check(
                    GetVersionRequest.getDefaultInstance(), ADA, "domain.read", connection));
    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_PERMISSION_DENIED);
  }

  /** A definition must not take a domain over, nor put one where its maker does not reach. */
  @Test
  void aDefinitionIsHeldToWhatIsThereAndToWhatWouldBe() {
    assertThat(define("new", "", "a")).isEqualTo("OK");
    assertThat(define("new", "", "b")).startsWith("PERMISSION_DENIED");
    assertThat(define("own", "", "b")).startsWith("PERMISSION_DENIED");
    assertThat(define("hidden", "", "a")).startsWith("PERMISSION_DENIED");
    assertThat(define("new", FakeDriver.uuid("hidden"), "a")).startsWith("PERMISSION_DENIED");
    assertThat(define("new", FakeDriver.uuid("own"), "a")).isEqualTo("OK");
  }

  private String define(String name, String uuid, String team) {
    MethodDescriptor<Message, Message> define =
        ApiMethods.all().filter(one -> name(one).equals("DefineDomain")).findFirst().orElseThrow();
    DomainSpec spec =
        DomainSpec.newBuilder().setName(name).setUuid(uuid).putLabels("team", team).build();
    Message request = ApiMethods.empty(define);
    return outcome(
        define,
        request.toBuilder()
            .setField(request.getDescriptorForType().findFieldByName("spec"), spec)
            .build());
  }

  /** Labels of a domain that is gone are not known any more: nobody reaches its jobs by them. */
  @Test
  void jobsOfADomainThatIsGoneAreNotReachedByLabel() {
    MethodDescriptor<Message, Message> cancel =
        ApiMethods.all().filter(one -> name(one).equals("CancelJob")).findFirst().orElseThrow();
    provider.driver().remove("own");
    assertThat(outcome(cancel, about(cancel, "own"))).startsWith("JOB_NOT_FOUND");
  }
}
