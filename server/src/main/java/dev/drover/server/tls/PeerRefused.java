package dev.drover.server.tls;

import java.security.cert.CertificateException;

/**
 * A certificate that the daemon does not believe. The JDK tells every such client the same alert,
 * so that what is wrong stands in the daemon's log.
 */
public final class PeerRefused extends CertificateException {

  private static final long serialVersionUID = 1L;

  private final String subject;

  PeerRefused(String subject, String why) {
    super(why);
    this.subject = subject;
  }

  /** The certificate's subject and serial number, for people. */
  public String subject() {
    return subject;
  }

  /** What is wrong, a part of a sentence. */
  public String why() {
    return String.valueOf(getMessage());
  }
}
