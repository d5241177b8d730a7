package dev.drover.client.pki;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * A certificate that an authority made.
 *
 * @param certificate the certificate
 * @param revoked when it was revoked; empty: it was not
 */
public record IssuedCertificate(X509Certificate certificate, Optional<Instant> revoked) {

  private static final String SERVER_PURPOSE = "1.3.6.1.5.5.7.3.1";

  /** Its common name. */
  public String name() {
    try {
      return new LdapName(certificate.getSubjectX500Principal().getName())
          .getRdns().stream()
              .filter(part -> part.getType().equalsIgnoreCase("CN"))
              .map(Rdn::getValue)
              .map(String::valueOf)
              .findFirst()
              .orElse("");
    } catch (InvalidNameException e) {
      throw new PkiException("the subject of a certificate cannot be read: " + e.getMessage(), e);
    }
  }

  /** Its serial number in hexadecimal digits. */
  public String serial() {
    return CertificateAuthority.serial(certificate);
  }

  /** What it is for. */
  public Usage usage() {
    try {
      List<String> purposes =
          Optional.ofNullable(certificate.getExtendedKeyUsage()).orElse(List.of());
      return purposes.contains(SERVER_PURPOSE) ? Usage.SERVER : Usage.CLIENT;
    } catch (CertificateParsingException e) {
      throw unreadable(e);
    }
  }

  /** What it proves. */
  public List<AlternativeName> names() {
    try {
      Collection<List<?>> names =
          Optional.ofNullable(certificate.getSubjectAlternativeNames()).orElse(List.of());
      return names.stream().map(IssuedCertificate::name).flatMap(Optional::stream).toList();
    } catch (CertificateParsingException e) {
      throw unreadable(e);
    }
  }

  private static Optional<AlternativeName> name(List<?> entry) {
    String value = String.valueOf(entry.get(1));
    return switch ((Integer) entry.getFirst()) {
      case 1 -> Optional.of(new AlternativeName(AlternativeName.Kind.EMAIL, value));
      case 2 -> Optional.of(new AlternativeName(AlternativeName.Kind.DNS, value));
      case 6 -> Optional.of(new AlternativeName(AlternativeName.Kind.URI, value));
      case 7 -> Optional.of(new AlternativeName(AlternativeName.Kind.IP, value));
      default -> Optional.empty();
    };
  }

  private static PkiException unreadable(CertificateParsingException e) {
    return new PkiException("a certificate of the archive cannot be read: " + e.getMessage(), e);
  }
}
