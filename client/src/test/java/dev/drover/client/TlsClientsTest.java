package dev.drover.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.drover.client.TlsSite.Credentials;
import dev.drover.client.pki.AlternativeName;
import dev.drover.client.pki.AlternativeName.Kind;
import dev.drover.client.pki.CertificateMaker;
import dev.drover.client.pki.CertificateMaker.Wish;
import dev.drover.client.pki.Usage;
import dev.drover.server.config.ConfigException;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which clients a daemon believes on TCP, and how the others hear of it (R14). */
@Timeout(120)
class TlsClientsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path directory;
  private TlsSite site;
  private TlsDaemon daemon;

  @BeforeEach
  void start() throws ConfigException {
    site = new TlsSite(directory, "site");
    site.install(site.server("127.0.0.1"));
    site.believe(site);
    daemon = new TlsDaemon(directory, site.config());
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  /**
   * A client that is refused.
   *
   * @param name what is wrong with it
   * @param logged what the daemon's log says
   */
  record Bad(String name, Maker maker, String logged) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Makes the certificate of a bad client. */
  @FunctionalInterface
  interface Maker {
    Credentials make(TlsSite site);
  }

  private static Wish wish(
      Usage usage, List<AlternativeName> names, java.time.Instant begin, java.time.Instant end) {
    return new Wish("mallory", usage, names, begin, end);
  }

  static Stream<Bad> badClients() {
    List<AlternativeName> names = List.of(AlternativeName.principal("mallory"));
    return Stream.of(
        new Bad(
            "expired",
            site ->
                site.sign(
                    wish(
                        Usage.CLIENT,
                        names,
                        TlsSite.ago(),
                        TlsSite.now().minus(Duration.ofMinutes(1))),
                    CertificateMaker.newKey()),
            "it expired at"),
        new Bad(
            "not yet valid",
            site ->
                site.sign(
                    wish(
                        Usage.CLIENT,
                        names,
                        TlsSite.now().plus(Duration.ofMinutes(30)),
                        TlsSite.soon()),
                    CertificateMaker.newKey()),
            "it is not valid before"),
        new Bad(
            "unknown authority",
            site -> new TlsSite(Path.of("/"), "elsewhere").client("mallory"),
            "none of the authorities in tls.client_ca signed it"),
        new Bad(
            "authority of the same name",
            site -> new TlsSite(Path.of("/"), "site").client("mallory"),
            "none of the authorities in tls.client_ca signed it"),
        new Bad(
            "server's certificate",
            site ->
                site.sign(
                    wish(Usage.SERVER, names, TlsSite.ago(), TlsSite.soon()),
                    CertificateMaker.newKey()),
            "not a certificate for a TLS client"),
        new Bad(
            "authority's certificate",
            site ->
                site.sign(
                    wish(Usage.AUTHORITY, names, TlsSite.ago(), TlsSite.soon()),
                    CertificateMaker.newKey()),
            "not a certificate for a TLS client"),
        new Bad(
            "short RSA key",
            site ->
                site.sign(
                    wish(Usage.CLIENT, names, TlsSite.ago(), TlsSite.soon()), TlsSite.rsa(1024)),
            "its RSA key has 1024 bits; the least is 2048"),
        new Bad(
            "no name",
            site ->
                site.sign(
                    wish(
                        Usage.CLIENT,
                        List.of(new AlternativeName(Kind.IP, "192.0.2.1")),
                        TlsSite.ago(),
                        TlsSite.soon()),
                    CertificateMaker.newKey()),
            "no URI, mail address or host name"),
        new Bad(
            "revoked",
            site -> {
              Credentials client =
                  site.sign(
                      wish(Usage.CLIENT, names, TlsSite.ago(), TlsSite.soon()),
                      CertificateMaker.newKey());
              site.revoke(client);
              site.believe(site);
              return client;
            },
            "it was revoked at"));
  }

  @ParameterizedTest
  @MethodSource("badClients")
  void aBadCertificateIsRefusedAndTheLogSaysWhoAndWhy(Bad bad) {
    Credentials client = bad.maker().make(site);
    if (bad.name().equals("revoked")) {
      awaitReload();
    }
    try (Drover drover = daemon.connect(site.pki(client))) {
      DroverException failure =
          catchThrowableOfType(DroverException.class, () -> drover.host().version());

      assertThat(failure)
          .hasMessageContaining("The daemon at 127.0.0.1:" + daemon.port())
          .hasMessageContaining("refuses this client's certificate (alert certificate_unknown)")
          .hasMessageContaining("the daemon's log says why");
      assertThat(failure.code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
    }
    assertThat(refusals())
        .isNotEmpty()
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains("TLS client at 127.0.0.1:", bad.logged())
                    .contains(
                        "CN=mallory (serial "
                            + client.certificate().getSerialNumber().toString(16)
                            + ")"));
  }

  private List<String> refusals() {
    return daemon.log.stream().filter(line -> line.startsWith("TLS client at")).toList();
  }

  private void awaitReload() {
    await().atMost(PATIENCE).until(() -> daemon.log.toString().contains("are in force"));
  }

  @Test
  void aClientWithoutCertificateIsRefused() throws IOException, InterruptedException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", daemon.port())
            .sslContext(
                GrpcSslContexts.configure(GrpcSslContexts.forClient(), SslProvider.JDK)
                    .trustManager(site.certificate)
                    .build())
            .build();
    try (Drover drover = Drover.builder().channel(channel).build()) {
      assertThat(catchThrowableOfType(DroverException.class, () -> drover.host().version()))
          .hasMessageContaining("wants a certificate of this client and got none");
    } finally {
      channel.shutdownNow();
      channel.awaitTermination(5, TimeUnit.SECONDS);
    }
    assertThat(refusals().getFirst()).contains("it has no certificate");
  }

  @Test
  void plaintextGetsNothing() throws IOException, InterruptedException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), daemon.port())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket
          .getOutputStream()
          .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    }
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", daemon.port()).usePlaintext().build();
    try (Drover drover = Drover.builder().channel(channel).build()) {
      assertThat(catchThrowableOfType(DroverException.class, () -> drover.host().version()))
          .hasRootCauseInstanceOf(Throwable.class)
          .extracting(failure -> failure.grpcStatus().getCode())
          .isEqualTo(Status.Code.UNAVAILABLE);
    } finally {
      channel.shutdownNow();
      channel.awaitTermination(5, TimeUnit.SECONDS);
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(refusals().getFirst()).contains("it does not speak TLS"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DNS:a.example, URI:drover:principal/ada, EMAIL:ada@a.example |"
            + " x509:uri:drover:principal/ada",
        "DNS:a.example, EMAIL:ada@a.example | x509:email:ada@a.example",
        "DNS:a.example, DNS:b.example | x509:dns:a.example",
      })
  void theCallerIsTheFirstUriElseMailElseHostName(String names, String principal) {
    List<AlternativeName> proven =
        Stream.of(names.split(", ", -1))
            .map(name -> name.split(":", 2))
            .map(parts -> new AlternativeName(Kind.valueOf(parts[0]), parts[1]))
            .toList();
    Credentials client =
        site.sign(
            new Wish("ada", Usage.CLIENT, proven, TlsSite.ago(), TlsSite.soon()),
            TlsSite.rsa(2048));
    try (Drover drover = daemon.connect(site.pki(client))) {
      assertThat(drover.endpoint()).isEqualTo("127.0.0.1:" + daemon.port());
      assertThat(drover.host().version().getConnectionUri()).isEqualTo("test:///default");
      var _ = drover.domain("test").suspend();
    }
    assertThat(daemon.audit)
        .singleElement(InstanceOfAssertFactories.STRING)
        .contains("\"principal\":\"" + principal + "\"", "SuspendDomain")
        .containsPattern("\"origin\":\"tcp 127\\.0\\.0\\.1:[0-9]+\"");
  }
}
