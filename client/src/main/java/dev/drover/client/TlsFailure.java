package dev.drover.client;

import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says which side refused what, where a TLS handshake ended without a connection (R14). */
final class TlsFailure {
  private static final String ALERT = "Received fatal alert: ";

  private TlsFailure() {}

  /** The message for people; empty where no handshake failed. */
  static Optional<String> text(@Nullable Throwable failure, String endpoint) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ServerRefused refused) {
        return Optional.of(
            "This client refuses the daemon at %s with the certificate %s: %s"
                .formatted(endpoint, refused.subject(), refused.getMessage()));
      }
    }
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = Optional.ofNullable(cause.getMessage()).orElse("");
      int alert = message.indexOf(ALERT);
      if (cause instanceof SSLException && alert >= 0) {
        String name = message.substring(alert + ALERT.length()).strip().toLowerCase(Locale.ROOT);
        return Optional.of(
            name.equals("certificate_required")
                ? "The daemon at %s wants a certificate of this client and got none"
                    .formatted(endpoint)
                : "The daemon at %s refuses this client's certificate (alert %s); the daemon's log says why"
                    .formatted(endpoint, name));
      }
    }
    return Optional.empty();
  }
}
