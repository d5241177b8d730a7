package dev.drover.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drover.client.FakeDaemon;
import dev.drover.client.pki.AlternativeName;
import dev.drover.client.pki.CertificateAuthority;
import dev.drover.client.pki.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PkiCommandsTest { // R14
  private final FakeDaemon daemon = new FakeDaemon();
  private final CommandLineRun drover = new CommandLineRun(daemon);
  @TempDir private Path home;
  private Path pki = Path.of("/");

  @BeforeEach
  void environment() {
    drover.environment.put("XDG_CONFIG_HOME", home.toString());
    pki = home.resolve("drover/pki");
  }

  @AfterEach
  void close() throws InterruptedException {
    daemon.close();
  }

  private X509Certificate certificate(String file) throws IOException, GeneralSecurityException {
    try (var in = Files.newInputStream(pki.resolve(file))) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  private X509CRL revoked() throws IOException, GeneralSecurityException {
    try (var in = Files.newInputStream(pki.resolve("revoked.pem"))) {
      return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
    }
  }

  @Test
  void keysHoldTheirPublicHalf() throws IOException, GeneralSecurityException {
    drover.run("pki", "init");
    byte[] der =
        Base64.getMimeDecoder()
            .decode(Files.readString(pki.resolve("ca.key")).replaceAll("-----[A-Z ]+-----", ""));
    ECPrivateKey key = ECPrivateKey.getInstance(PrivateKeyInfo.getInstance(der).parsePrivateKey());

    assertThat(key.getPublicKey().getBytes())
        .isEqualTo(
            SubjectPublicKeyInfo.getInstance(certificate("ca.pem").getPublicKey().getEncoded())
                .getPublicKeyData()
                .getBytes());
  }

  @Test
  void anAuthorityIsMadeOnceAndSaysWhatIsNext() throws IOException, GeneralSecurityException {
    CommandLineRun.Result first = drover.run("pki", "init");
    assertThat(first.code()).isZero();
    assertThat(first.out()).contains("drover pki issue server HOST", "drover pki issue client");
    X509Certificate authority = certificate("ca.pem");
    authority.verify(authority.getPublicKey());
    assertThat(authority.getBasicConstraints()).isZero();
    revoked().verify(authority.getPublicKey());
    byte[] before = Files.readAllBytes(pki.resolve("ca.key"));

    CommandLineRun.Result second = drover.run("pki", "init");

    assertThat(second.code()).isOne();
    assertThat(second.err()).contains("exists", "--directory");
    assertThat(Files.readAllBytes(pki.resolve("ca.key"))).isEqualTo(before);
  }

  @Test
  void keysAreTheirOwnersAlone() throws IOException {
    drover.run("pki", "init");
    drover.run("pki", "issue", "server", "host.example");
    drover.run("pki", "issue", "client", "ada");
    try (Stream<Path> files = Files.walk(pki)) {
      List<Path> keys = files.filter(file -> file.toString().endsWith(".key")).toList();
      assertThat(keys).hasSize(3);
      for (Path key : keys) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
            .isEqualTo("rw-------");
      }
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pki)))
        .isEqualTo("rwx------");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server host.example | server.pem | [[2, host.example]]",
        "server 192.0.2.7 | server.pem | [[7, 192.0.2.7]]",
        "server x --dns a.example --dns b.example | server.pem | [[2, a.example], [2, b.example]]",
        "server x --ip 2001:db8::1 | server.pem | [[7, 2001:db8:0:0:0:0:0:1]]",
        "client ada | client.pem | [[6, drover:principal/ada]]",
        "client ada --uri spiffe://site/ada | client.pem | [[6, spiffe://site/ada]]",
        "client ada --email ada@site.example | client.pem | [[1, ada@site.example]]",
        "client ada --dns ada.example | client.pem | [[2, ada.example]]",
      })
  void certificatesProveWhatWasAsked(String arguments, String file, String names)
      throws IOException, GeneralSecurityException {
    drover.run("pki", "init");
    CommandLineRun.Result result = drover.run(("pki issue " + arguments).split(" ", -1));

    assertThat(result.err()).isEmpty();
    X509Certificate made = certificate("issued/" + arguments.split(" ", -1)[1] + "/" + file);
    made.verify(certificate("ca.pem").getPublicKey());
    assertThat(made.getSubjectAlternativeNames()).hasToString(names);
    assertThat(made.getExtendedKeyUsage())
        .containsExactly(
            arguments.startsWith("server") ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2");
    assertThat(made.getBasicConstraints()).isEqualTo(-1);
    assertThat(made.getPublicKey())
        .isInstanceOfSatisfying(
            ECPublicKey.class,
            key -> assertThat(key.getParams().getCurve().getField().getFieldSize()).isEqualTo(256));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "issue client ../x | cannot name a certificate",
        "issue client x --uri nothing | 'nothing' is not a valid URI",
        "issue server x --dns a..b/c | not a valid host name",
        "init --directory /nonexistent --name a\u0007b | cannot name an authority",
        "issue server x --ip 1.2.3.400 | not a valid IP address",
        "issue client x --email nobody | not a valid mail address",
        "issue client x --ip 192.0.2.1 | --ip names servers",
        "issue server x --uri a:b | name clients, not servers",
        "issue client x --days 0 | --days must be",
        "issue client ada | --renew",
        "revoke nobody | 'drover pki list' shows them",
        "list --directory /nonexistent | 'drover pki init'",
      })
  void whatCannotBeDoneIsSaidAndNothingIsMade(String arguments, String message)
      throws IOException, GeneralSecurityException {
    drover.run("pki", "init");
    drover.run("pki", "issue", "client", "ada");
    X509Certificate before = certificate("issued/ada/client.pem");

    CommandLineRun.Result result = drover.run(("pki " + arguments).split(" ", -1));

    assertThat(result.code()).isOne();
    assertThat(result.err()).startsWith("error: ").contains(message);
    assertThat(certificate("issued/ada/client.pem")).isEqualTo(before);
    assertThat(Files.exists(pki.resolve("issued/x"))).isFalse();
  }

  @Test
  void twoThatRevokeAtATimeLoseNothing() throws IOException, GeneralSecurityException {
    CertificateAuthority.create(pki, "site", Duration.ofDays(1), InstantSource.system());
    List<String> names = IntStream.range(0, 8).mapToObj(i -> "client-" + i).toList();
    try (var programs = Executors.newVirtualThreadPerTaskExecutor()) {
      for (String name : names) {
        programs.execute(
            () -> {
              CertificateAuthority mine = CertificateAuthority.open(pki, InstantSource.system());
              mine.issue(
                  name,
                  Usage.CLIENT,
                  List.of(AlternativeName.principal(name)),
                  Duration.ofHours(1),
                  false);
              mine.revoke(name);
            });
      }
    }
    assertThat(revoked().getRevokedCertificates()).hasSize(names.size());
  }

  @Test
  void aRenewalThatFailsLeavesKeyAndCertificateAsTheyWere() throws IOException {
    drover.run("pki", "init");
    drover.run("pki", "issue", "client", "ada");
    Path issued = pki.resolve("issued/ada");
    byte[] key = Files.readAllBytes(issued.resolve("client.key"));
    // Where the new certificate would be written first is something that cannot be replaced.
    Files.createDirectories(issued.resolve("client.pem.new/occupied"));

    CommandLineRun.Result result = drover.run("pki", "issue", "client", "ada", "--renew");

    assertThat(result.code()).isOne();
    assertThat(result.err()).contains("client.pem cannot be written");
    assertThat(Files.readAllBytes(issued.resolve("client.key"))).isEqualTo(key);
    assertThat(issued.resolve("client.key.new")).doesNotExist();
  }

  @Test
  void renewedAndRevokedCertificatesStayInTheList() throws IOException, GeneralSecurityException {
    drover.run("pki", "init");
    drover.run("pki", "issue", "client", "ada");
    drover.run("pki", "issue", "server", "host.example");
    X509Certificate first = certificate("issued/ada/client.pem");
    drover.run("pki", "revoke", first.getSerialNumber().toString(16));
    drover.run("pki", "issue", "client", "ada", "--renew");
    X509Certificate second = certificate("issued/ada/client.pem");

    assertThat(revoked().isRevoked(first)).isTrue();
    assertThat(revoked().isRevoked(second)).isFalse();
    assertThat(drover.run("pki", "list", "--no-headers").out().lines())
        .satisfiesExactlyInAnyOrder(
            line -> assertThat(line).contains("ada", "client", "revoked"),
            line -> assertThat(line).contains("ada", "valid", "URI:drover:principal/ada"),
            line -> assertThat(line).contains("host.example", "server", "DNS:host.example"),
            line -> assertThat(line).isEmpty());

    assertThat(drover.run("pki", "revoke", "ada").out()).contains("tls.revocation_list");

    assertThat(revoked().isRevoked(first)).isTrue();
    assertThat(revoked().isRevoked(second)).isTrue();
    revoked().verify(certificate("ca.pem").getPublicKey());
    assertThat(drover.run("pki", "revoke", "ada").err()).contains("is revoked already");
  }
}
