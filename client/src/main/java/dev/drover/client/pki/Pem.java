package dev.drover.client.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** Certificates, keys and revocation lists as the text that other programs read, too. */
final class Pem {

  private static final Base64.Encoder LINES =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
  private static final String KEY = "PRIVATE KEY";

  private Pem() {}

  static String of(X509Certificate certificate) {
    try {
      return text("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new PkiException("the certificate cannot be written: " + e.getMessage(), e);
    }
  }

  /** A private key with its public half, without which some libraries refuse it. */
  static String of(KeyPair pair) {
    PrivateKeyInfo bare = PrivateKeyInfo.getInstance(pair.getPrivate().getEncoded());
    AlgorithmIdentifier algorithm = bare.getPrivateKeyAlgorithm();
    int bits = ((ECKey) pair.getPrivate()).getParams().getOrder().bitLength();
    try {
      ECPrivateKey whole =
          new ECPrivateKey(
              bits,
              ECPrivateKey.getInstance(bare.parsePrivateKey()).getKey(),
              SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()).getPublicKeyData(),
              algorithm.getParameters());
      return text(KEY, new PrivateKeyInfo(algorithm, whole).getEncoded());
    } catch (IOException e) {
      throw new PkiException("the key cannot be written: " + e.getMessage(), e);
    }
  }

  static String of(X509CRL list) {
    try {
      return text("X509 CRL", list.getEncoded());
    } catch (CRLException e) {
      throw new PkiException("the revocation list cannot be written: " + e.getMessage(), e);
    }
  }

  private static String text(String kind, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(kind, LINES.encodeToString(der), kind);
  }

  static X509Certificate certificate(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (IOException | CertificateException e) {
      throw unreadable(file, e);
    }
  }

  static X509CRL revocationList(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(in);
    } catch (IOException | GeneralSecurityException e) {
      throw unreadable(file, e);
    }
  }

  static X509CRL revocationList(byte[] der) throws GeneralSecurityException {
    return (X509CRL)
        CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
  }

  /** An elliptic-curve key, as this package writes them. */
  static PrivateKey key(Path file) {
    try {
      String text =
          Files.readString(file, StandardCharsets.US_ASCII)
              .replace("-----BEGIN " + KEY + "-----", "")
              .replace("-----END " + KEY + "-----", "");
      byte[] der = Base64.getMimeDecoder().decode(text);
      return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw unreadable(file, e);
    }
  }

  private static PkiException unreadable(Path file, Exception why) {
    return new PkiException("%s cannot be read: %s".formatted(file, why), why);
  }
}
