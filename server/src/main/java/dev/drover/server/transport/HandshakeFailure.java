package dev.drover.server.transport;

import dev.drover.server.tls.PeerRefused;
import io.netty.handler.ssl.NotSslRecordException;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says in one line which side refused what in a handshake (R14). */
final class HandshakeFailure {

  private static final String ALERT = "Received fatal alert: ";

  private HandshakeFailure() {}

  /** The line for the log. */
  static String text(String address, Throwable failure) {
    return "TLS client at " + address + " " + what(failure);
  }

  private static String what(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof PeerRefused refused) {
        return "refused with the certificate %s: %s".formatted(refused.subject(), refused.why());
      }
      if (cause instanceof NotSslRecordException) {
        return "refused: it does not speak TLS";
      }
      if (cause instanceof ClosedChannelException) {
        return "hung up before the handshake was done";
      }
    }
    String message =
        Optional.ofNullable(failure.getMessage())
            .orElse(failure.getClass().getSimpleName())
            .replaceAll("\\p{Cntrl}", "?");
    int alert = message.indexOf(ALERT);
    if (alert >= 0) {
      return "refused this daemon: its alert is '%s'"
          .formatted(message.substring(alert + ALERT.length()));
    }
    if (message.contains("Empty client certificate chain")) {
      return "refused: it has no certificate";
    }
    return "refused: " + message;
  }
}
