package dev.drover.server.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Whom the daemon believes (R14): certificates for clients, in their time, with a strong key,
 * signed by one of its authorities and not on that authority's revocation list. Where there is a
 * list, who cannot be looked up in one is refused.
 */
final class PeerRules {

  private static final String CLIENT_PURPOSE = "1.3.6.1.5.5.7.3.2";
  private static final String ANY_PURPOSE = "2.5.29.37.0";
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int NO_AUTHORITY = -1;

  private final List<X509Certificate> authorities;
  private final Optional<List<X509CRL>> revoked;
  private final InstantSource clock;
  private final X509TrustManager chains;

  /**
   * Makes the rules.
   *
   * @param authorities whose signature counts
   * @param revoked their revocation lists; empty: nobody is revoked
   */
  PeerRules(List<X509Certificate> authorities, Optional<List<X509CRL>> revoked, InstantSource clock)
      throws TlsException {
    this.authorities = List.copyOf(authorities);
    this.revoked = revoked.map(List::copyOf);
    this.clock = clock;
    this.chains = chains(authorities);
  }

  /**
   * Checks a client.
   *
   * @param chain its certificate, then those that lead to an authority
   * @return until when the answer counts: a certificate ends then, or a revocation list
   * @throws PeerRefused where it is not believed
   */
  Instant check(List<X509Certificate> chain) throws PeerRefused {
    X509Certificate leaf = chain.getFirst();
    Instant now = clock.instant();
    time(leaf, leaf, "it", now);
    for (X509Certificate one : chain) {
      Optional<String> weakness = CertificateText.weakness(one);
      if (weakness.isPresent()) {
        throw refused(leaf, weakness.get());
      }
    }
    usage(leaf);
    if (CertificatePrincipal.of(leaf).isEmpty()) {
      throw refused(
          leaf,
          "it has no URI, mail address or host name (subject alternative name) to know the client"
              + " by");
    }
    Instant until = leaf.getNotAfter().toInstant();
    for (X509Certificate authority : authorities) {
      if (signed(authority, leaf)) {
        time(leaf, authority, "its authority " + CertificateText.subject(authority), now);
        until = earlier(until, authority.getNotAfter().toInstant());
      }
    }
    try {
      chains.checkClientTrusted(chain.toArray(X509Certificate[]::new), "UNKNOWN");
    } catch (CertificateException _) {
      throw refused(
          leaf,
          "none of the authorities in tls.client_ca signed it; its issuer calls itself "
              + leaf.getIssuerX500Principal().getName().replaceAll("\\p{Cntrl}", "?"));
    }
    for (X509Certificate one : chain) {
      if (!authorities.contains(one)) {
        until = earlier(until, revocation(leaf, one, chain, now));
      }
    }
    return until;
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private static void time(X509Certificate leaf, X509Certificate checked, String what, Instant now)
      throws PeerRefused {
    Instant begin = checked.getNotBefore().toInstant();
    Instant end = checked.getNotAfter().toInstant();
    if (now.isBefore(begin)) {
      throw refused(leaf, what + " is not valid before " + begin);
    }
    if (now.isAfter(end)) {
      throw refused(leaf, what + " expired at " + end);
    }
  }

  private static void usage(X509Certificate leaf) throws PeerRefused {
    try {
      List<String> purposes =
          Optional.ofNullable(leaf.getExtendedKeyUsage()).orElse(List.of(ANY_PURPOSE));
      boolean purpose = purposes.contains(CLIENT_PURPOSE) || purposes.contains(ANY_PURPOSE);
      boolean signs =
          Optional.ofNullable(leaf.getKeyUsage()).map(bits -> bits[DIGITAL_SIGNATURE]).orElse(true);
      if (!purpose || !signs || leaf.getBasicConstraints() != NO_AUTHORITY) {
        throw refused(
            leaf, "it is not a certificate for a TLS client (extended key usage clientAuth)");
      }
    } catch (CertificateParsingException e) {
      throw refused(leaf, "its usage cannot be read: " + e.getMessage());
    }
  }

  /**
   * Looks a certificate up in the lists of the authority that signed it, which its issuer's name
   * alone does not tell: two authorities may have one name, above all an old and its successor.
   *
   * @return until when one of these lists counts
   */
  private Instant revocation(
      X509Certificate leaf, X509Certificate one, List<X509Certificate> chain, Instant now)
      throws PeerRefused {
    if (revoked.isEmpty()) {
      return Instant.MAX;
    }
    List<X509Certificate> issuers =
        Stream.concat(authorities.stream(), chain.stream())
            .filter(each -> signed(each, one))
            .toList();
    List<X509CRL> lists =
        revoked.get().stream()
            .filter(list -> issuers.stream().anyMatch(issuer -> signed(issuer, list)))
            .toList();
    if (lists.isEmpty()) {
      throw refused(leaf, "tls.revocation_list has no list of its issuer");
    }
    Optional<X509CRLEntry> entry =
        lists.stream()
            .flatMap(list -> Optional.ofNullable(list.getRevokedCertificate(one)).stream())
            .findFirst();
    if (entry.isPresent()) {
      throw refused(leaf, "it was revoked at " + entry.get().getRevocationDate().toInstant());
    }
    Instant until = lists.stream().map(PeerRules::end).max(Instant::compareTo).orElseThrow();
    if (now.isAfter(until)) {
      throw refused(
          leaf,
          "the list of its issuer in tls.revocation_list counted until "
              + until
              + "; bring a newer one");
    }
    return until;
  }

  private static Instant end(X509CRL list) {
    return Optional.ofNullable(list.getNextUpdate()).map(Date::toInstant).orElse(Instant.MAX);
  }

  private static boolean signed(X509Certificate issuer, X509Certificate one) {
    try {
      one.verify(issuer.getPublicKey());
      return one.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  /** Whether an authority signed a list. */
  static boolean signed(X509Certificate issuer, X509CRL list) {
    try {
      list.verify(issuer.getPublicKey());
      return list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static PeerRefused refused(X509Certificate leaf, String why) {
    return new PeerRefused(CertificateText.subject(leaf), why);
  }

  private static X509TrustManager chains(List<X509Certificate> authorities) throws TlsException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < authorities.size(); i++) {
        store.setCertificateEntry("authority-" + i, authorities.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      for (TrustManager one : factory.getTrustManagers()) {
        if (one instanceof X509TrustManager found) {
          return found;
        }
      }
      throw new TlsException("the JDK has no trust manager for X.509 certificates");
    } catch (GeneralSecurityException | IOException e) {
      throw new TlsException("the authorities cannot be used: " + e.getMessage(), e);
    }
  }
}
