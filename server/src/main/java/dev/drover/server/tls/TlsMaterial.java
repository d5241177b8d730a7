package dev.drover.server.tls;

import dev.drover.server.config.DaemonConfig;
import io.grpc.util.CertificateUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CRL;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the files of {@code [tls]} said at one time. They are used together or not at all.
 *
 * @param chain the daemon's certificate, then those that lead to its authority
 * @param key its key
 * @param rules whom it believes
 */
record TlsMaterial(List<X509Certificate> chain, PrivateKey key, PeerRules rules) {

  TlsMaterial {
    chain = List.copyOf(chain);
  }

  /**
   * Reads the files.
   *
   * @throws TlsException where one cannot be read, the key does not belong to the certificate or is
   *     weak, or a revocation list was not signed by one of the authorities
   */
  static TlsMaterial read(DaemonConfig.Tls files, InstantSource clock) throws TlsException {
    List<X509Certificate> chain = certificates("tls.certificate", files.certificate());
    PrivateKey key = key(files.key());
    belongs(chain.getFirst(), key, files);
    for (X509Certificate one : chain) {
      Optional<String> weakness = CertificateText.weakness(one);
      if (weakness.isPresent()) {
        throw new TlsException(
            "tls.certificate %s is refused: %s".formatted(files.certificate(), weakness.get()));
      }
    }
    List<X509Certificate> authorities = certificates("tls.client_ca", files.clientCa());
    for (X509Certificate authority : authorities) {
      if (authority.getBasicConstraints() < 0) {
        throw new TlsException(
            "tls.client_ca %s: %s is not the certificate of an authority"
                .formatted(files.clientCa(), CertificateText.subject(authority)));
      }
    }
    Optional<List<X509CRL>> revoked =
        files.revocationList().isPresent()
            ? Optional.of(lists(files.revocationList().get(), authorities))
            : Optional.empty();
    return new TlsMaterial(chain, key, new PeerRules(authorities, revoked, clock));
  }

  private static List<X509Certificate> certificates(String what, Path file) throws TlsException {
    try (InputStream in = Files.newInputStream(file)) {
      List<X509Certificate> found = List.of(CertificateUtils.getX509Certificates(in));
      if (found.isEmpty()) {
        throw new TlsException("%s %s has no certificate in PEM".formatted(what, file));
      }
      return found;
    } catch (IOException | GeneralSecurityException e) {
      throw unreadable(what, file, e);
    }
  }

  private static PrivateKey key(Path file) throws TlsException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateUtils.getPrivateKey(in);
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw unreadable("tls.key", file, e);
    }
  }

  private static List<X509CRL> lists(Path file, List<X509Certificate> authorities)
      throws TlsException {
    List<X509CRL> lists = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      for (CRL one : CertificateFactory.getInstance("X.509").generateCRLs(in)) {
        if (one instanceof X509CRL list) {
          lists.add(list);
        }
      }
    } catch (IOException | GeneralSecurityException e) {
      throw unreadable("tls.revocation_list", file, e);
    }
    if (lists.isEmpty()) {
      throw new TlsException("tls.revocation_list %s has no list in PEM".formatted(file));
    }
    for (X509CRL list : lists) {
      if (authorities.stream().noneMatch(authority -> PeerRules.signed(authority, list))) {
        throw new TlsException(
            "tls.revocation_list %s: the list of %s was signed by no authority in tls.client_ca"
                .formatted(file, list.getIssuerX500Principal()));
      }
    }
    return lists;
  }

  /** A key belongs to a certificate whose public key accepts its signature. */
  private static void belongs(X509Certificate certificate, PrivateKey key, DaemonConfig.Tls files)
      throws TlsException {
    byte[] text = new byte[32];
    new SecureRandom().nextBytes(text);
    boolean good;
    try {
      good = verifies(certificate.getPublicKey(), key, text);
    } catch (InvalidKeyException _) {
      good = false;
    } catch (GeneralSecurityException e) {
      throw new TlsException("tls.key %s cannot be used: %s".formatted(files.key(), e), e);
    }
    if (!good) {
      throw new TlsException(
          "tls.key %s does not belong to tls.certificate %s"
              .formatted(files.key(), files.certificate()));
    }
  }

  private static boolean verifies(PublicKey certified, PrivateKey key, byte[] text)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(text);
    byte[] signed = signature.sign();
    signature.initVerify(certified);
    signature.update(text);
    return signature.verify(signed);
  }

  private static TlsException unreadable(String what, Path file, Exception why) {
    return new TlsException("%s %s cannot be read: %s".formatted(what, file, why), why);
  }
}
