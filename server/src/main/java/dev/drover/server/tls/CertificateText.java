package dev.drover.server.tls;

import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.util.Locale;
import java.util.Optional;

/** What is said about certificates, and whether their keys are strong enough. */
final class CertificateText {

  private static final int LEAST_RSA_BITS = 2048;
  private static final int LEAST_EC_BITS = 256;

  private CertificateText() {}

  /** Subject and serial number; what a stranger put into the name cannot break a log line. */
  static String subject(X509Certificate certificate) {
    String name = certificate.getSubjectX500Principal().getName().replaceAll("\\p{Cntrl}", "?");
    return "%s (serial %s)"
        .formatted(
            name.isEmpty() ? "a certificate without subject" : name,
            certificate.getSerialNumber().toString(16));
  }

  /** Why a certificate's key or signature is too weak; empty: it is not. */
  static Optional<String> weakness(X509Certificate certificate) {
    String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
    if (signature.contains("SHA1") || signature.contains("MD5")) {
      return Optional.of("its signature " + certificate.getSigAlgName() + " is weak");
    }
    return switch (certificate.getPublicKey()) {
      case RSAKey key -> shorter("RSA", key.getModulus().bitLength(), LEAST_RSA_BITS);
      case ECKey key ->
          shorter("EC", key.getParams().getCurve().getField().getFieldSize(), LEAST_EC_BITS);
      case EdECKey _ -> Optional.empty();
      default ->
          Optional.of(
              "its key is of the kind "
                  + certificate.getPublicKey().getAlgorithm()
                  + "; use EC, RSA or EdDSA");
    };
  }

  private static Optional<String> shorter(String kind, int bits, int least) {
    return bits < least
        ? Optional.of("its %s key has %d bits; the least is %d".formatted(kind, bits, least))
        : Optional.empty();
  }
}
