package dev.drover.dist.ssh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.drover.client.Drover;
import dev.drover.client.DroverException;
import dev.drover.client.ErrorCode;
import dev.drover.client.EventWatch;
import dev.drover.server.EmbeddedDaemon;
import dev.drover.server.audit.JsonAuditLog;
import dev.drover.test.TestDriverProvider;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.WatchRequest;
import dev.drover.v1.WatchResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * The ssh transport with stock OpenSSH on both sides and the installed {@code drover} as the bridge
 * (R14).
 */
@Timeout(180)
class SshIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path DROVER = Path.of("target/drover/bin/drover").toAbsolutePath();

  @TempDir private Path directory;
  private SshServer server;
  private EmbeddedDaemon daemon;

  @BeforeEach
  void start() {
    server = new SshServer(directory);
    daemon = daemon();
  }

  @AfterEach
  void stop() {
    daemon.close();
    server.close();
  }

  private Path socket() {
    return directory.resolve("droverd.sock");
  }

  private EmbeddedDaemon daemon() {
    return EmbeddedDaemon.in(directory, new TestDriverProvider()).onSocket(socket());
  }

  private String uri(Path key, Path knownHosts, Path socket, Path bridge) {
    return "test+ssh://127.0.0.1:%d/default?keyfile=%s&known_hosts=%s&socket=%s&bridge=%s"
        .formatted(server.port(), key, knownHosts, socket, bridge);
  }

  private String uri() {
    return uri(server.clientKey(), server.knownHosts(), socket(), DROVER);
  }

  private static Drover connect(String uri) {
    return Drover.builder().uri(uri).deadline(PATIENCE).reconnectFor(PATIENCE).build();
  }

  private static void define(Drover drover, String name) {
    drover
        .domains()
        .define(DomainSpec.newBuilder().setName(name).setMemoryBytes(64L << 20).build());
  }

  private static List<String> names(Drover drover) {
    return drover.domains().list().stream().map(domain -> domain.getSpec().getName()).toList();
  }

  private static List<ProcessHandle> sshes() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().command().filter(name -> name.endsWith("/ssh")).isPresent())
        .toList();
  }

  @Test
  void theDaemonSeesTheUserWhoLoggedIn() throws IOException {
    Logger audit = (Logger) LoggerFactory.getLogger(JsonAuditLog.LOGGER);
    ListAppender<ILoggingEvent> records = new ListAppender<>();
    records.start();
    audit.setLevel(Level.INFO);
    audit.addAppender(records);
    try (Drover drover = connect(uri())) {
      assertThat(names(drover)).containsExactly("test");
      define(drover, "web");
      assertThat(names(drover)).containsExactlyInAnyOrder("test", "web");
    } finally {
      audit.detachAppender(records);
    }
    assertThat(records.list)
        .singleElement()
        .satisfies(
            record ->
                assertThat(record.getFormattedMessage())
                    .contains("\"uid:%s\"".formatted(Files.getAttribute(directory, "unix:uid"))));
    await().atMost(PATIENCE).until(() -> sshes().isEmpty());
  }

  @Test
  void aWatchGoesOnWhenSshIsKilledInItsMidst() throws TimeoutException {
    List<DroverException> lost = new CopyOnWriteArrayList<>();
    try (Drover drover = connect(uri());
        EventWatch watch =
            drover.watch(WatchRequest.getDefaultInstance()).onConnectionLost(lost::add);
        Drover local = Drover.connect("test+unix:///default?socket=" + socket())) {
      until(watch, message -> message.getBookmark().getStateComplete());
      define(local, "before");
      until(watch, message -> tellsOf(message, "before"));

      assertThat(sshes()).singleElement().matches(ProcessHandle::destroyForcibly);
      define(local, "meanwhile");

      until(
          watch,
          message -> {
            assertThat(message.hasResync()).as("the watch begins anew").isFalse();
            return tellsOf(message, "meanwhile");
          });
      assertThat(lost)
          .singleElement()
          .satisfies(
              failure -> assertThat(failure).hasMessageContaining("over ssh broke: ssh ended"));
      assertThat(sshes()).hasSize(1);
    }
  }

  private static boolean tellsOf(WatchResponse message, String domain) {
    return message.getEvent().toString().contains("\"" + domain + "\"");
  }

  private static void until(EventWatch watch, Predicate<WatchResponse> wanted)
      throws TimeoutException {
    while (!wanted.test(watch.next(PATIENCE).orElseThrow())) {}
  }

  @Test
  void callsOutliveARestartOfTheDaemon() {
    try (Drover drover = connect(uri())) {
      define(drover, "web");
      daemon.close();
      daemon = daemon();

      assertThat(names(drover)).isNotEmpty();
    }
  }

  @Test
  void theCommandLineTakesSuchAUri() throws Exception {
    Process list =
        new ProcessBuilder(DROVER.toString(), "-c", uri(), "list", "--all", "--name")
            .redirectErrorStream(true)
            .start();
    String printed = new String(list.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(list.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(printed.strip()).isEqualTo("test");
    assertThat(list.exitValue()).isZero();
  }

  @Test
  void aHostThatIsNotKnownIsNotBelieved() throws IOException {
    Path nobody = Files.createFile(directory.resolve("nobody"));

    fails(
        uri(server.clientKey(), nobody, socket(), DROVER),
        "ssh does not believe the host key of 127.0.0.1:%d (".formatted(server.port()),
        "Host key verification failed.");
  }

  @Test
  void aRefusedLoginSaysSo() {
    fails(
        uri(server.key("stranger"), server.knownHosts(), socket(), DROVER),
        "127.0.0.1:%d refuses the login over ssh (".formatted(server.port()),
        "Permission denied (publickey)");
  }

  @Test
  void aHostWithoutDroverSaysSo() {
    fails(
        uri(server.clientKey(), server.knownHosts(), socket(), Path.of("/nonexistent/drover")),
        "has no program '/nonexistent/drover' where a login over ssh looks for it (",
        "name it with ?bridge=");
  }

  @Test
  void aHostWithoutADaemonSaysSo() {
    fails(
        uri(server.clientKey(), server.knownHosts(), Path.of("/nonexistent/droverd.sock"), DROVER),
        "No daemon answers on 127.0.0.1:%d (".formatted(server.port()),
        "unix socket /nonexistent/droverd.sock: No such file or directory");
  }

  private void fails(String uri, String... words) {
    try (Drover drover = connect(uri)) {
      DroverException failure =
          catchThrowableOfType(DroverException.class, () -> drover.host().version());

      assertThat(failure).as("%s", server.log()).hasMessageContainingAll(words);
      assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }
  }
}
