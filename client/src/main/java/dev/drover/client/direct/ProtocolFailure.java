package dev.drover.client.direct;

import java.io.IOException;
import java.io.Serial;

/** The other end speaks something else than HTTP/2, or what was agreed on not to be used of it. */
final class ProtocolFailure extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  ProtocolFailure(String message) {
    super(message);
  }
}
