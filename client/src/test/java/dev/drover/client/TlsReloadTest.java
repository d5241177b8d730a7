package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.client.TlsSite.Credentials;
import dev.drover.server.config.ConfigException;
import dev.drover.v1.DomainSpec;
import dev.drover.v1.ErrorReason;
import dev.drover.v1.WatchRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that change while the daemon serves; what runs goes on (R14). */
@Timeout(120)
class TlsReloadTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path directory;
  private TlsSite site;
  private TlsDaemon daemon;
  private Credentials ada;
  private Drover watching;
  private EventWatch watch;
  private final AtomicInteger lost = new AtomicInteger();
  private int defined;

  @BeforeEach
  void start() throws ConfigException, TimeoutException {
    site = new TlsSite(directory, "site");
    site.install(site.server("127.0.0.1"));
    site.believe(site);
    daemon = new TlsDaemon(directory, site.config());
    ada = site.client("ada");
    watching = daemon.connect(site.pki(ada));
    watch =
        watching
            .watch(WatchRequest.getDefaultInstance())
            .onConnectionLost(_ -> lost.incrementAndGet());
    watchGoesOn();
  }

  @AfterEach
  void stop() {
    watch.close();
    watching.close();
    daemon.close();
  }

  /** The watch hears of a new domain, on the connection that it began with. */
  private void watchGoesOn() throws TimeoutException {
    String name = "watched-" + defined++;
    try (Drover inside = daemon.inside()) {
      inside
          .domains()
          .define(DomainSpec.newBuilder().setName(name).setMemoryBytes(32L << 20).build());
    }
    while (!watch.next(PATIENCE).orElseThrow().toString().contains(name)) {
      assertThat(lost).hasValue(0);
    }
    assertThat(lost).hasValue(0);
  }

  /**
   * Changes files and waits until they are in force: a client that connects while they change may
   * be refused at its first call instead of its handshake.
   */
  private void changed(Runnable files) {
    long before = changes();
    files.run();
    await().atMost(PATIENCE).until(() -> changes() > before);
  }

  private long changes() {
    return daemon.log.stream().filter(line -> line.contains("are in force")).count();
  }

  private static boolean reaches(Drover drover) {
    try (drover) {
      return !drover.host().version().getDaemonVersion().isEmpty();
    } catch (DroverException e) {
      assertThat(e.getMessage()).contains("refuses");
      return false;
    }
  }

  @Test
  void aNewServerCertificateCounts() throws TimeoutException {
    assertThat(reaches(daemon.connect("localhost", site.pki(ada)))).isFalse();
    site.install(site.server("localhost"));
    await().atMost(PATIENCE).until(() -> reaches(daemon.connect("localhost", site.pki(ada))));
    watchGoesOn();
  }

  @Test
  void anAuthorityMoreAndAnAuthorityLessCount() throws TimeoutException {
    TlsSite other = new TlsSite(directory, "other");
    Credentials bob = other.client("bob");
    assertThat(reaches(daemon.connect(site.pki(bob)))).isFalse();
    site.believe(site, other);
    await().atMost(PATIENCE).until(() -> reaches(daemon.connect(site.pki(bob))));
    assertThat(reaches(daemon.connect(site.pki(ada)))).isTrue();

    changed(() -> site.believe(other));
    assertThat(reaches(daemon.connect(site.pki(ada)))).isFalse();
    assertThat(reaches(daemon.connect(site.pki(bob)))).isTrue();
    watchGoesOn();
  }

  @Test
  void aRevokedClientMakesNoMoreCalls() throws TimeoutException {
    assertThat(reaches(daemon.connect(site.pki(ada)))).isTrue();
    site.revoke(ada);
    changed(() -> site.believe(site));
    assertThat(reaches(daemon.connect(site.pki(ada)))).isFalse();

    DroverException failure =
        catchThrowableOfType(DroverException.class, () -> watching.host().version());
    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_PERMISSION_DENIED);
    assertThat(failure).hasMessageContaining("CN=ada").hasMessageContaining("it was revoked at");
    assertThat(catchThrowableOfType(DroverException.class, () -> watching.domain("test").suspend()))
        .extracting(DroverException::reason)
        .isEqualTo(ErrorReason.ERROR_REASON_PERMISSION_DENIED);
    await() // R30
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(daemon.audit)
                    .filteredOn(line -> line.contains("SuspendDomain"))
                    .singleElement(InstanceOfAssertFactories.STRING)
                    .contains("\"principal\":\"x509:uri:drover:principal/ada\"")
                    .contains("\"origin\":\"tcp 127.0.0.1:")
                    .contains("\"domain\":\"test\"", "\"result\":\"PERMISSION_DENIED\""));
    assertThat(reaches(daemon.connect(site.pki(site.client("bob"))))).isTrue();
    watchGoesOn();
  }

  /** An authority's successor has its name, as long as nobody chose another for it. */
  @Test
  void aClientIsLookedUpInTheListOfTheAuthorityThatSignedItWhateverItsName()
      throws TimeoutException {
    TlsSite successor = new TlsSite(directory, "site");
    Credentials bob = successor.client("bob");
    Credentials eve = successor.client("eve");
    changed(() -> site.believe(site, successor));
    assertThat(reaches(daemon.connect(site.pki(bob)))).isTrue();
    assertThat(reaches(daemon.connect(site.pki(eve)))).isTrue();

    successor.revoke(eve);
    changed(() -> site.believe(site, successor));
    assertThat(reaches(daemon.connect(site.pki(eve)))).isFalse();
    assertThat(reaches(daemon.connect(site.pki(bob)))).isTrue();
    assertThat(reaches(daemon.connect(site.pki(ada)))).isTrue();
    watchGoesOn();
  }

  /** What it does not know any more of revocations it does not believe of connections it has. */
  @Test
  void aListThatEndsIsNoticedOnConnectionsThatAreThere() {
    changed(() -> site.believeUntil(TlsSite.now().plusSeconds(5), site));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        catchThrowableOfType(
                            DroverException.class, () -> watching.host().version()))
                    .hasMessageContaining("tls.revocation_list counted until"));
  }

  /** A key that the daemon could not read when it was written, and can now, has no new content. */
  @Test
  void aFileIsReadAgainWhenItsPermissionsChange() throws TimeoutException {
    changed(
        () -> {
          try {
            Files.setPosixFilePermissions(
                directory.resolve("server.key"), PosixFilePermissions.fromString("r--------"));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    watchGoesOn();
  }

  @Test
  void filesThatCannotBeUsedLeaveTheEarlierOnesInForce() throws IOException, TimeoutException {
    Files.writeString(directory.resolve("server.pem"), "nothing");
    await()
        .atMost(PATIENCE)
        .until(() -> daemon.log.toString().contains("the earlier ones stay in force"));
    assertThat(daemon.log.toString()).contains("tls.certificate " + directory + "/server.pem");
    assertThat(reaches(daemon.connect(site.pki(ada)))).isTrue();
    watchGoesOn();
  }
}
