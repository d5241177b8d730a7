package dev.drover.client;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

/** A daemon's certificate that this client does not believe; the message is what is wrong. */
final class ServerRefused extends CertificateException {
  private static final long serialVersionUID = 1L;

  private final String subject;

  ServerRefused(X509Certificate certificate, String why) {
    super(why);
    this.subject =
        "%s (serial %s)"
            .formatted(
                certificate.getSubjectX500Principal().getName().replaceAll("\\p{Cntrl}", "?"),
                certificate.getSerialNumber().toString(16));
  }

  String subject() {
    return subject;
  }
}
