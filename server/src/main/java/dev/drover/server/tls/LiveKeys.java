package dev.drover.server.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the certificate that is in force. The alias of a handshake is the number of the change, so
 * that certificate and key of one handshake belong together.
 */
public final class LiveKeys extends X509ExtendedKeyManager {

  private final LiveTls live;

  /** The latest, and the one before for handshakes that chose it a moment ago. */
  private volatile List<LiveTls.InForce> recent;

  /** Makes the keys. */
  public LiveKeys(LiveTls live) {
    this.live = live;
    this.recent = List.of(live.inForce());
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    LiveTls.InForce now = live.inForce();
    if (!now.material().key().getAlgorithm().equals(keyType)) {
      return null;
    }
    remember(now);
    return Long.toString(now.number());
  }

  private synchronized void remember(LiveTls.InForce now) {
    LiveTls.InForce last = recent.getLast();
    if (last.number() < now.number()) {
      recent = List.of(last, now);
    }
  }

  private LiveTls.@Nullable InForce of(String alias) {
    return recent.stream()
        .filter(one -> Long.toString(one.number()).equals(alias))
        .findFirst()
        .orElse(null);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    LiveTls.InForce found = of(alias);
    return found == null ? null : found.material().chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    LiveTls.InForce found = of(alias);
    return found == null ? null : found.material().key();
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
