package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.v1.DomainSpec;
import dev.drover.v1.DomainState;
import dev.drover.v1.Event;
import dev.drover.v1.EventKind;
import dev.drover.v1.WatchRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ssh transport with a script for ssh; the bridge is real (R14). */
@Timeout(120)
class SshTransportTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private Path socket;
  private final FakeDomains domains = new FakeDomains();
  private final FakeEvents events = new FakeEvents();

  @BeforeEach
  void name() {
    socket = directory.resolve("droverd.sock");
    domains.add("web", DomainState.DOMAIN_STATE_RUNNING, 1);
  }

  private SocketDaemon daemon() {
    return new SocketDaemon(socket, domains, events, new FakeHost());
  }

  private FakeSsh bridge() {
    return new FakeSsh(directory, "exec $BRIDGE --socket " + socket);
  }

  private static List<String> names(Drover drover) {
    return drover.domains().list().stream().map(domain -> domain.getSpec().getName()).toList();
  }

  @Test
  void callsGoThroughTheBridgeWhichEndsWithTheConnection() {
    FakeSsh ssh = bridge();
    try (var _ = daemon()) {
      try (Drover drover = ssh.connect()) {
        assertThat(drover.endpoint()).isEqualTo("ssh host ada@host");
        assertThat(names(drover)).containsExactly("web");
        assertThat(names(drover)).containsExactly("web");
        assertThat(ssh.runs()).hasSize(1);
      }
      await().atMost(PATIENCE).until(() -> !FakeSsh.lives(ssh.runs().getFirst()));
    }
  }

  @Test
  void whatALoginShellPrintsIsNotTakenForTheDaemonsBytes() {
    FakeSsh ssh =
        new FakeSsh(
            directory,
            "echo 'Welcome to host'; echo 'last login' >&2; exec $BRIDGE --socket " + socket);
    try (var _ = daemon();
        Drover drover = ssh.connect()) {
      assertThat(names(drover)).containsExactly("web");
    }
  }

  @Test
  void muchIsCarriedBothWaysByManyCallsAtATime() throws Exception {
    String large = "x".repeat(400_000);
    IntStream.range(0, 4)
        .forEach(i -> domains.add("d" + i + large, DomainState.DOMAIN_STATE_SHUT_OFF, 2 + i));
    try (var _ = daemon();
        Drover drover = bridge().connect();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<List<String>>> calls =
          IntStream.range(0, 8).<Callable<List<String>>>mapToObj(i -> () -> names(drover)).toList();
      for (Future<List<String>> answer : threads.invokeAll(calls)) {
        assertThat(answer.get()).hasSize(5).contains("d3" + large);
      }

      String name = "up" + "y".repeat(3_000_000);
      drover.domains().define(DomainSpec.newBuilder().setName(name).build());
      assertThat(domains.defined)
          .singleElement()
          .satisfies(request -> assertThat(request.getSpec().getName()).isEqualTo(name));
    }
  }

  @Test
  void aWatchGoesOnWhenSshIsKilled() throws TimeoutException {
    FakeSsh ssh = bridge();
    List<DroverException> lost = new CopyOnWriteArrayList<>();
    try (var _ = daemon();
        Drover drover = ssh.connect();
        EventWatch watch =
            drover.watch(WatchRequest.getDefaultInstance()).onConnectionLost(lost::add)) {
      for (int i = 0; i < 4; i++) {
        watch.next(PATIENCE);
      }

      ProcessHandle.of(ssh.runs().getFirst()).orElseThrow().destroyForcibly();
      await().atMost(PATIENCE).until(() -> events.watchers() == 0);
      long missed =
          events.publish(Event.newBuilder().setKind(EventKind.EVENT_KIND_DOMAIN_STARTED).build());

      assertThat(watch.next(PATIENCE).orElseThrow().getRevision()).isEqualTo(missed);
      assertThat(ssh.runs()).hasSize(2);
      assertThat(lost)
          .singleElement()
          .satisfies(
              failure ->
                  assertThat(failure)
                      .hasMessageContaining("ada@host over ssh broke: ssh ended with 137"));
    }
  }

  @Test
  void callsWaitForADaemonThatComesBackWithoutHammeringAtTheHost() throws Exception {
    FakeSsh ssh = bridge();
    try (Drover drover = ssh.connect();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      try (var _ = daemon()) {
        assertThat(names(drover)).containsExactly("web");
      }
      Future<List<String>> answer = threads.submit(() -> names(drover));
      await().atMost(PATIENCE).until(() -> ssh.runs().size() >= 3);

      try (var _ = daemon()) {
        assertThat(answer.get()).containsExactly("web");
        assertThat(ssh.runs()).hasSizeLessThan(9);
        assertThat(ssh.runs().stream().filter(FakeSsh::lives)).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "echo 'No ED25519 host key is known for host and you have requested strict checking.' >&2;"
            + " echo 'Host key verification failed.' >&2; exit 255 | ssh does not believe the host"
            + " key of ada@host (No ED25519 host key is known for host and you have requested"
            + " strict checking. / Host key verification failed.); log in there once by hand and"
            + " compare the key",
        "echo 'ada@host: Permission denied (publickey).' >&2; exit 255 | ada@host refuses the login"
            + " over ssh (ada@host: Permission denied (publickey).); a login by hand has to work"
            + " first",
        "echo 'ssh: connect to host host port 22: Connection refused' >&2; exit 255 | Cannot reach"
            + " ada@host over ssh (ssh: connect to host host port 22: Connection refused)",
        "echo 'sh: 1: drover: not found' >&2; exit 127 | ada@host has no program 'drover' where a"
            + " login over ssh looks for it (sh: 1: drover: not found); install Drover there, or"
            + " name it with ?bridge=/path/to/drover",
        "exec $BRIDGE --socket /nonexistent/droverd.sock | No daemon answers on ada@host (drover"
            + " bridge: unix socket /nonexistent/droverd.sock: No such file or directory); start"
            + " one there with 'droverd'",
        "echo 'This account is for backups.'; exit 0 | 'drover bridge' on ada@host ended with 0"
            + " before it reached a daemon (This account is for backups.)",
        "exec head -c 100000 /dev/zero | What answers on ada@host is not 'drover bridge'",
        "printf '\\033[31mred\\007' >&2; exit 255 | Cannot reach ada@host over ssh ( [31mred )",
      })
  void whatStandsInTheWayIsToldInWords(String script, String message) {
    FakeSsh ssh = new FakeSsh(directory, script);
    try (Drover drover = ssh.connect()) {
      DroverException failure =
          catchThrowableOfType(DroverException.class, () -> drover.host().version());

      assertThat(failure).hasMessageStartingWith(message);
      assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
      assertThat(ssh.runs()).hasSize(1);
    }
  }

  @Test
  void withoutACallNobodyLogsInAgain() {
    FakeSsh ssh = new FakeSsh(directory, "echo 'Connection refused' >&2; exit 255");
    try (Drover drover = ssh.connect()) {
      assertThat(catchThrowableOfType(DroverException.class, () -> names(drover)))
          .hasMessageContaining("Connection refused");

      await().during(Duration.ofSeconds(3)).until(() -> ssh.runs().size() == 1);

      assertThat(catchThrowableOfType(DroverException.class, () -> names(drover)))
          .hasMessageContaining("Connection refused");
      assertThat(ssh.runs()).hasSize(2);
    }
  }

  @Test
  void aMissingSshIsNamed() {
    try (Drover drover = Drover.connect("test+ssh://host/default?command=/nonexistent/ssh")) {
      assertThat(catchThrowableOfType(DroverException.class, () -> drover.host().version()))
          .hasMessageStartingWith("Cannot run '/nonexistent/ssh' to reach host: ")
          .hasMessageContaining("install OpenSSH's client")
          .extracting(DroverException::code)
          .isEqualTo(ErrorCode.UNAVAILABLE);
    }
  }

  @Test
  void aHostThatNoLongerLetsInIsNotAskedAgain() {
    FakeSsh ssh = bridge();
    try (Drover drover = ssh.connect()) {
      try (var _ = daemon()) {
        assertThat(names(drover)).containsExactly("web");
        ssh.says("echo 'Permission denied (publickey).' >&2; exit 255");
      }
      await().atMost(PATIENCE).until(() -> !FakeSsh.lives(ssh.runs().getFirst()));

      assertThat(catchThrowableOfType(DroverException.class, () -> names(drover)))
          .hasMessageContaining("refuses the login");
      assertThat(ssh.runs()).hasSize(2);
    }
  }

  @Test
  void aConnectionThatIsClosedWhileSshLogsInEndsIt() {
    FakeSsh ssh = new FakeSsh(directory, "exec tail -f /dev/null");
    Drover drover = ssh.connect();
    CompletableFuture<DroverException> failure = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () ->
                failure.complete(catchThrowableOfType(DroverException.class, () -> names(drover))));
    await().atMost(PATIENCE).until(() -> ssh.runs().size() == 1);

    drover.close();

    assertThat(failure).succeedsWithin(PATIENCE);
    await().atMost(PATIENCE).until(() -> !FakeSsh.lives(ssh.runs().getFirst()));
  }
}
