package dev.drover.client;

import dev.drover.client.pki.AlternativeName;
import dev.drover.client.pki.CertificateMaker;
import dev.drover.client.pki.CertificateMaker.Wish;
import dev.drover.client.pki.Usage;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * An authority in memory that makes good certificates and bad ones, and the files of both sides.
 */
final class TlsSite {
  static Instant now() {
    return Instant.now();
  }

  static Instant soon() {
    return now().plus(Duration.ofHours(1));
  }

  static Instant ago() {
    return now().minus(Duration.ofHours(1));
  }

  /**
   * A certificate and its key.
   *
   * @param authority who signed it
   */
  record Credentials(X509Certificate certificate, KeyPair key, X509Certificate authority) {}

  private final Path directory;
  private final KeyPair key = CertificateMaker.newKey();
  final X509Certificate certificate;
  private final CertificateMaker maker;
  private final List<BigInteger> revoked = new ArrayList<>();

  TlsSite(Path directory, String name) {
    this.directory = directory;
    this.certificate =
        CertificateMaker.selfSigned(new Wish(name, Usage.AUTHORITY, List.of(), ago(), soon()), key);
    this.maker = new CertificateMaker(certificate, key.getPrivate());
  }

  /** A good client, known by its name. */
  Credentials client(String name) {
    return sign(
        new Wish(name, Usage.CLIENT, List.of(AlternativeName.principal(name)), ago(), soon()),
        CertificateMaker.newKey());
  }

  /** A good server for a host. */
  Credentials server(String host) {
    return sign(
        new Wish("daemon", Usage.SERVER, List.of(AlternativeName.host(host)), ago(), soon()),
        CertificateMaker.newKey());
  }

  Credentials sign(Wish wish, KeyPair pair) {
    return new Credentials(maker.sign(wish, pair.getPublic()), pair, certificate);
  }

  static KeyPair rsa(int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The directory of a client that believes servers of this authority. */
  Path pki(Credentials client) {
    try {
      Path pki = Files.createTempDirectory(directory, "client");
      write(pki.resolve("ca.pem"), pem("CERTIFICATE", certificate.getEncoded()));
      write(pki.resolve("client.pem"), pem("CERTIFICATE", client.certificate().getEncoded()));
      write(pki.resolve("client.key"), pem("PRIVATE KEY", client.key().getPrivate().getEncoded()));
      return pki;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the daemon's certificate and key, as the files that {@link #config} names. */
  void install(Credentials server) {
    try {
      write(
          directory.resolve("server.key"),
          pem("PRIVATE KEY", server.key().getPrivate().getEncoded()));
      write(directory.resolve("server.pem"), pem("CERTIFICATE", server.certificate().getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes whom the daemon believes. */
  void believe(TlsSite... sites) {
    believeUntil(soon(), sites);
  }

  /** The same with revocation lists that end at a time. */
  void believeUntil(Instant end, TlsSite... sites) {
    StringBuilder authorities = new StringBuilder();
    StringBuilder lists = new StringBuilder();
    for (TlsSite site : sites) {
      try {
        authorities.append(pem("CERTIFICATE", site.certificate.getEncoded()));
        lists.append(
            pem(
                "X509 CRL",
                site.maker.revocationList(List.of(), site.revoked, now(), end).getEncoded()));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
    write(directory.resolve("revoked.pem"), lists.toString());
    write(directory.resolve("ca.pem"), authorities.toString());
  }

  /** Notes a certificate for the next list. */
  void revoke(Credentials one) {
    revoked.add(one.certificate().getSerialNumber());
  }

  /** The daemon's configuration. */
  String config() {
    return """
    [tls]
    listen = "127.0.0.1:0"
    certificate = "%1$s/server.pem"
    key = "%1$s/server.key"
    client_ca = "%1$s/ca.pem"
    revocation_list = "%1$s/revoked.pem"
    """
        .formatted(directory);
  }

  static String pem(String kind, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            kind,
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der),
            kind);
  }

  private static void write(Path file, String text) {
    try {
      Path beside = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(beside, text);
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
