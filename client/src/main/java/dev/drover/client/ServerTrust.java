package dev.drover.client;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Believes daemons whose certificate is in its time, strong, for servers, signed by the authority,
 * and of the host that was called. The JDK checks chain and host; the rest is looked at before, in
 * words for people, as the daemon does with clients.
 */
final class ServerTrust extends X509ExtendedTrustManager {
  private static final String SERVER_PURPOSE = "1.3.6.1.5.5.7.3.1";
  private static final String ANY_PURPOSE = "2.5.29.37.0";
  private static final int LEAST_RSA_BITS = 2048;
  private static final int LEAST_EC_BITS = 256;
  private static final int NO_AUTHORITY = -1;

  private final X509ExtendedTrustManager chains;
  private final InstantSource clock;

  /**
   * Makes the trust.
   *
   * @param chains the JDK's check of chain and host
   */
  ServerTrust(X509ExtendedTrustManager chains, InstantSource clock) {
    this.chains = chains;
    this.clock = clock;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    X509Certificate leaf = chain[0];
    time(leaf);
    for (X509Certificate one : chain) {
      strength(leaf, one);
    }
    usage(leaf);
    // First without a host, so that a wrong one can be told from an unknown authority.
    try {
      chains.checkServerTrusted(chain, authType);
    } catch (CertificateException _) {
      throw new ServerRefused(
          leaf,
          "the authority in ca.pem did not sign it; its issuer calls itself "
              + leaf.getIssuerX500Principal().getName().replaceAll("\\p{Cntrl}", "?"));
    }
    if (!"HTTPS".equals(engine.getSSLParameters().getEndpointIdentificationAlgorithm())) {
      throw new ServerRefused(leaf, "the connection does not say which host it is to be of");
    }
    try {
      chains.checkServerTrusted(chain, authType, engine);
    } catch (CertificateException _) {
      throw new ServerRefused(
          leaf,
          "it is not for the host '%s' but for %s".formatted(engine.getPeerHost(), names(leaf)));
    }
  }

  private void time(X509Certificate leaf) throws ServerRefused {
    Instant now = clock.instant();
    Instant begin = leaf.getNotBefore().toInstant();
    Instant end = leaf.getNotAfter().toInstant();
    if (now.isBefore(begin)) {
      throw new ServerRefused(leaf, "it is not valid before " + begin);
    }
    if (now.isAfter(end)) {
      throw new ServerRefused(leaf, "it expired at " + end);
    }
  }

  private static void strength(X509Certificate leaf, X509Certificate one) throws ServerRefused {
    switch (one.getPublicKey()) {
      case RSAKey key -> least(leaf, "RSA", key.getModulus().bitLength(), LEAST_RSA_BITS);
      case ECKey key ->
          least(leaf, "EC", key.getParams().getCurve().getField().getFieldSize(), LEAST_EC_BITS);
      case EdECKey _ -> {}
      default ->
          throw new ServerRefused(
              leaf, "its key is of the kind " + one.getPublicKey().getAlgorithm());
    }
  }

  private static void least(X509Certificate leaf, String kind, int bits, int least)
      throws ServerRefused {
    if (bits < least) {
      throw new ServerRefused(
          leaf, "its %s key has %d bits; the least is %d".formatted(kind, bits, least));
    }
  }

  private static void usage(X509Certificate leaf) throws ServerRefused {
    try {
      List<String> purposes =
          Optional.ofNullable(leaf.getExtendedKeyUsage()).orElse(List.of(ANY_PURPOSE));
      if (leaf.getBasicConstraints() != NO_AUTHORITY
          || !(purposes.contains(SERVER_PURPOSE) || purposes.contains(ANY_PURPOSE))) {
        throw new ServerRefused(
            leaf, "it is not a certificate for a TLS server (extended key usage serverAuth)");
      }
    } catch (CertificateParsingException e) {
      throw new ServerRefused(leaf, "its usage cannot be read: " + e.getMessage());
    }
  }

  private static String names(X509Certificate leaf) {
    try {
      List<String> names =
          Optional.ofNullable(leaf.getSubjectAlternativeNames()).orElse(List.of()).stream()
              .map(name -> String.valueOf(name.get(1)).replaceAll("\\p{Cntrl}", "?"))
              .toList();
      return names.isEmpty() ? "none" : String.join(", ", names);
    } catch (CertificateParsingException _) {
      return "names that cannot be read";
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("only connections of gRPC are checked");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("a certificate without its host is not checked");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw noClients();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw noClients();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw noClients();
  }

  private static CertificateException noClients() {
    return new CertificateException("a client is nobody's server");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.getAcceptedIssuers();
  }
}
