package dev.drover.server.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/** Where a collector takes traces. */
final class TraceEndpoint {

  private static final String PATH = "/v1/traces";
  private static final int NO_PORT = 0;

  private TraceEndpoint() {}

  /**
   * Reads an address. Plain http is for this host alone, since traces tell names of domains.
   *
   * @return with a path, that of OTLP where the text has none
   * @throws IllegalArgumentException says what is expected
   */
  static URI parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(expected(), e);
    }
    String host = Optional.ofNullable(uri.getHost()).orElse("");
    if (host.isEmpty()
        || uri.getRawUserInfo() != null
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(expected());
    }
    switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
      case "https" -> {}
      case "http" -> {
        if (!withinHost(host)) {
          throw new IllegalArgumentException(
              "traces go to other hosts by https alone; plain http is for 127.0.0.1, [::1] and"
                  + " localhost");
        }
      }
      default -> throw new IllegalArgumentException(expected());
    }
    String path = uri.getRawPath();
    return path.isEmpty() || path.equals("/") ? uri.resolve(PATH) : uri;
  }

  private static boolean withinHost(String host) {
    String address = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new MetricsAddress.Tcp(new ListenAddress(address, NO_PORT)).withinHost();
  }

  private static String expected() {
    return "expected the address of a collector for OTLP over HTTP, for example"
        + " http://127.0.0.1:4318 or https://collector.example.org/v1/traces, without user, query"
        + " and fragment";
  }
}
