package dev.drover.server.ledger;

/**
 * What makes a request the same request.
 *
 * @param principal who calls
 * @param scheme the driver called
 * @param method full name of the method
 * @param requestId the client's id
 */
public record RequestKey(String principal, String scheme, String method, String requestId) {

  String text() {
    return String.join(" ", principal, scheme, method, requestId);
  }
}
