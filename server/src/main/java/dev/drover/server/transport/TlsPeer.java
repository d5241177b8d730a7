package dev.drover.server.transport;

import dev.drover.server.tls.CertificatePrincipal;
import dev.drover.server.tls.LiveTls;
import dev.drover.server.tls.PeerRefused;
import dev.drover.spi.Caller;
import dev.drover.spi.error.DriverException;
import dev.drover.v1.ErrorReason;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * The client at the other end of a TLS connection. Its certificate was believed when it connected
 * and has to be believed at each call: it may have been revoked since, or have ended.
 */
final class TlsPeer {

  private final LiveTls live;
  private final List<X509Certificate> chain;
  private final Caller caller;
  private volatile Checked checked;

  /**
   * A check that succeeded.
   *
   * @param number number of the files it was done with
   * @param until how long its result counts with these files
   */
  private record Checked(long number, Instant until) {}

  private TlsPeer(LiveTls live, List<X509Certificate> chain, Caller caller, Checked checked) {
    this.live = live;
    this.chain = chain;
    this.caller = caller;
    this.checked = checked;
  }

  /**
   * Looks at who has connected.
   *
   * @param chain its certificate, then those that lead to an authority
   * @param address where it calls from
   * @throws PeerRefused where it is not believed
   */
  static TlsPeer of(LiveTls live, List<X509Certificate> chain, String address) throws PeerRefused {
    Checked checked = check(live, chain);
    // Who has no name was refused.
    String principal = CertificatePrincipal.of(chain.getFirst()).orElseThrow();
    return new TlsPeer(live, chain, new Caller(principal, "tcp " + address), checked);
  }

  private static Checked check(LiveTls live, List<X509Certificate> chain) throws PeerRefused {
    long number = live.number();
    return new Checked(number, live.check(chain));
  }

  /** The caller, whether or not its certificate still counts. */
  Caller shown() {
    return caller;
  }

  /**
   * The caller.
   *
   * @throws DriverException PERMISSION_DENIED where the certificate counts no more
   */
  Caller caller() {
    Checked last = checked;
    if (last.number() != live.number() || live.clock().instant().isAfter(last.until())) {
      try {
        checked = check(live, chain);
      } catch (PeerRefused e) {
        throw DriverException.of(
            ErrorReason.ERROR_REASON_PERMISSION_DENIED,
            "the certificate %s of this connection counts no more: %s"
                .formatted(e.subject(), e.why()),
            "principal",
            caller.principal());
      }
    }
    return caller;
  }
}
