package dev.drover.client;

import dev.drover.v1.ErrorReason;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.util.CertificateUtils;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** The client's side of mutual TLS 1.3: its certificate, and the authority of daemons. */
final class ClientTls {
  private ClientTls() {}

  /**
   * Reads the files of a directory.
   *
   * @throws DroverException INVALID_ARGUMENT where one is missing or cannot be used
   */
  static SslContext context(Path pki) {
    Path certificateFile = pki.resolve(PkiDirectory.CERTIFICATE);
    Path keyFile = pki.resolve(PkiDirectory.KEY);
    List<X509Certificate> authorities = certificates(pki.resolve(PkiDirectory.AUTHORITY));
    List<X509Certificate> certificate = certificates(certificateFile);
    PrivateKey key = key(keyFile);
    try {
      return GrpcSslContexts.configure(
              SslContextBuilder.forClient()
                  .keyManager(key, certificate.toArray(X509Certificate[]::new))
                  .trustManager(new ServerTrust(chains(authorities), InstantSource.system())),
              SslProvider.JDK)
          .protocols("TLSv1.3")
          .build();
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw new DroverException(
          ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
          "The certificate %s and its key %s cannot be used: %s"
              .formatted(certificateFile, keyFile, e.getMessage()));
    }
  }

  private static X509ExtendedTrustManager chains(List<X509Certificate> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < authorities.size(); i++) {
      store.setCertificateEntry("authority-" + i, authorities.get(i));
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    for (TrustManager one : factory.getTrustManagers()) {
      if (one instanceof X509ExtendedTrustManager found) {
        return found;
      }
    }
    throw new GeneralSecurityException("the JDK has no trust manager for X.509 certificates");
  }

  private static List<X509Certificate> certificates(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      List<X509Certificate> found = List.of(CertificateUtils.getX509Certificates(in));
      if (found.isEmpty()) {
        throw new IOException("it has no certificate in PEM");
      }
      return found;
    } catch (IOException | GeneralSecurityException e) {
      throw unusable(file, e);
    }
  }

  private static PrivateKey key(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateUtils.getPrivateKey(in);
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw unusable(file, e);
    }
  }

  private static DroverException unusable(Path file, Exception why) {
    return new DroverException(
        ErrorReason.ERROR_REASON_INVALID_ARGUMENT,
        "The file %s for TLS %s; name the directory of ca.pem, client.pem and client.key with ?pkipath=, and make them with 'drover pki'"
            .formatted(
                file,
                why instanceof NoSuchFileException
                    ? "does not exist"
                    : "cannot be used: " + why.getMessage()));
  }
}
