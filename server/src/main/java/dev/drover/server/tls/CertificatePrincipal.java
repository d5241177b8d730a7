package dev.drover.server.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** By what name the daemon knows the owner of a certificate (R23). */
public final class CertificatePrincipal {

  /** Tags of alternative names in a certificate, in the order in which they name a caller. */
  private static final List<Map.Entry<Integer, String>> KINDS =
      List.of(Map.entry(6, "uri"), Map.entry(1, "email"), Map.entry(2, "dns"));

  private CertificatePrincipal() {}

  /**
   * The first URI, else the first mail address, else the first host name of the certificate, for
   * example {@code x509:uri:drover:principal/ada}; empty: it has none.
   */
  public static Optional<String> of(X509Certificate certificate) {
    Collection<List<?>> names;
    try {
      names = Optional.ofNullable(certificate.getSubjectAlternativeNames()).orElse(List.of());
    } catch (CertificateParsingException _) {
      return Optional.empty();
    }
    return KINDS.stream()
        .flatMap(
            kind ->
                names.stream()
                    .filter(name -> kind.getKey().equals(name.getFirst()))
                    .map(name -> String.valueOf(name.get(1)))
                    .filter(CertificatePrincipal::printable)
                    .map(value -> "x509:" + kind.getValue() + ":" + value))
        .findFirst();
  }

  /** Only such a name is one and the same wherever it is written. */
  private static boolean printable(String name) {
    return !name.isEmpty() && name.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }
}
