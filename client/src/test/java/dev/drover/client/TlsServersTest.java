package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.client.TlsSite.Credentials;
import dev.drover.client.pki.AlternativeName;
import dev.drover.client.pki.CertificateMaker;
import dev.drover.client.pki.CertificateMaker.Wish;
import dev.drover.client.pki.Usage;
import dev.drover.server.config.ConfigException;
import dev.drover.server.state.StateException;
import dev.drover.v1.ErrorReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which daemons a client believes, and with which files a daemon starts (R14). */
@Timeout(120)
class TlsServersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path directory;
  private TlsSite site;

  @BeforeEach
  void authority() {
    site = new TlsSite(directory, "site");
    site.install(site.server("127.0.0.1"));
    site.believe(site);
  }

  /**
   * A daemon that is refused.
   *
   * @param name what is wrong with it
   * @param told what the client says
   */
  record Bad(String name, TlsClientsTest.Maker maker, String told) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Wish wish(Usage usage, Instant begin, Instant end) {
    return new Wish("daemon", usage, List.of(AlternativeName.host("127.0.0.1")), begin, end);
  }

  static Stream<Bad> badServers() {
    return Stream.of(
        new Bad(
            "expired",
            site ->
                site.sign(
                    wish(Usage.SERVER, TlsSite.ago(), TlsSite.now().minus(Duration.ofMinutes(1))),
                    CertificateMaker.newKey()),
            "it expired at"),
        new Bad(
            "not yet valid",
            site ->
                site.sign(
                    wish(Usage.SERVER, TlsSite.now().plus(Duration.ofMinutes(30)), TlsSite.soon()),
                    CertificateMaker.newKey()),
            "it is not valid before"),
        new Bad(
            "unknown authority",
            site -> new TlsSite(Path.of("/"), "elsewhere").server("127.0.0.1"),
            "the authority in ca.pem did not sign it; its issuer calls itself CN=elsewhere"),
        new Bad(
            "another host's",
            site -> site.server("host.example"),
            "it is not for the host '127.0.0.1' but for host.example"),
        new Bad(
            "client's certificate",
            site ->
                site.sign(
                    wish(Usage.CLIENT, TlsSite.ago(), TlsSite.soon()), CertificateMaker.newKey()),
            "it is not a certificate for a TLS server"));
  }

  @ParameterizedTest
  @MethodSource("badServers")
  void aBadCertificateIsRefusedAndBothSidesHearWhy(Bad bad) throws ConfigException {
    site.install(bad.maker().make(site));
    try (TlsDaemon daemon = new TlsDaemon(directory, site.config());
        Drover drover = daemon.connect(site.pki(site.client("ada")))) {
      DroverException failure =
          catchThrowableOfType(DroverException.class, () -> drover.host().version());

      assertThat(failure)
          .hasMessageContaining(
              "This client refuses the daemon at 127.0.0.1:"
                  + daemon.port()
                  + " with the certificate CN=daemon (serial ")
          .hasMessageContaining(bad.told());
      assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
      await()
          .atMost(PATIENCE)
          .until(() -> daemon.log.toString().contains("refused this daemon: its alert is"));
    }
  }

  @Test
  void aDaemonWithAWeakKeyDoesNotStart() {
    site.install(site.sign(wish(Usage.SERVER, TlsSite.ago(), TlsSite.soon()), TlsSite.rsa(1024)));
    assertThat(start())
        .hasMessageContaining("TCP cannot be served")
        .hasMessageContaining("its RSA key has 1024 bits");
  }

  @Test
  void aDaemonWithAnotherKeyDoesNotStart() throws IOException {
    Path earlier = Files.copy(directory.resolve("server.key"), directory.resolve("earlier.key"));
    site.install(site.server("127.0.0.1"));
    Files.copy(
        earlier,
        directory.resolve("server.key"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThat(start()).hasMessageContaining("does not belong to tls.certificate");
  }

  @Test
  void aDaemonWithAListOfAnotherAuthorityDoesNotStart() throws IOException {
    byte[] authority = Files.readAllBytes(directory.resolve("ca.pem"));
    site.believe(new TlsSite(directory, "other"));
    Files.write(directory.resolve("ca.pem"), authority);
    assertThat(start()).hasMessageContaining("was signed by no authority in tls.client_ca");
  }

  @ParameterizedTest
  @ValueSource(strings = {"server.pem", "server.key", "ca.pem", "revoked.pem"})
  void aDaemonWithoutAFileDoesNotStart(String file) throws IOException {
    Files.delete(directory.resolve(file));
    assertThat(start()).hasMessageContaining(directory.resolve(file) + " cannot be read");
  }

  private StateException start() {
    return catchThrowableOfType(
        StateException.class, () -> new TlsDaemon(directory, site.config()).close());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ca.pem", "client.pem", "client.key"})
  void aClientWithoutAFileSaysWhichAndWhatToDo(String file) throws IOException {
    Credentials ada = site.client("ada");
    Path pki = site.pki(ada);
    Files.delete(pki.resolve(file));
    DroverException failure =
        catchThrowableOfType(
            DroverException.class,
            () -> Drover.connect("test+tls://127.0.0.1/default?pkipath=" + pki).close());
    assertThat(failure)
        .hasMessageContaining(pki.resolve(file) + " for TLS does not exist")
        .hasMessageContaining("drover pki");
    assertThat(failure.reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_ARGUMENT);
  }
}
