package dev.drover.client;

import dev.drover.v1.ErrorReason;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A client-side connection URI, in libvirt's form {@code
 * driver[+transport]://[host[:port]]/path[?parameter=value]}: which daemon to reach, and which of
 * its drivers is meant. Transports are {@code unix} for this host (parameter {@code socket}) and
 * {@code tls} for others (parameter {@code pkipath}); a host without a transport means TLS.
 *
 * @param driverUri what the daemon is told, for example "qemu:///session"; empty: the daemon's
 *     default driver answers
 * @param target where the daemon is
 */
public record ConnectionUri(Optional<String> driverUri, Target target) {
  /** Port of daemons where the URI names none; the one libvirt uses for TLS. */
  public static final int DEFAULT_TLS_PORT = 16514;

  private static final String UNIX = "unix";
  private static final String TLS = "tls";
  private static final String SOCKET = "socket";
  private static final String PKI_PATH = "pkipath";
  private static final int LAST_PORT = 65535;

  /** Where a daemon is. */
  public sealed interface Target {
    /**
     * On this host.
     *
     * @param socket the daemon's unix socket
     */
    record Unix(Path socket) implements Target {}

    /**
     * Wherever TCP reaches, in mutual TLS.
     *
     * @param host name or address, an IPv6 address without its brackets
     * @param port TCP port
     * @param pki directory of ca.pem, client.pem and client.key
     */
    record Tls(String host, int port, Path pki) implements Target {
      /** Host and port, as they stand in a URI. */
      public String authority() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
      }
    }
  }

  /**
   * Reads a URI; what is not named in it is this user's on this host.
   *
   * @param text the URI; empty: the nearest daemon and its default driver
   * @throws DroverException CONNECTION_URI_INVALID, or NOT_SUPPORTED for a transport this client
   *     does not have
   */
  public static ConnectionUri parse(String text) {
    Path home = Path.of(System.getProperty("user.home", "/"));
    return parse(
        text, DefaultSockets.of(System.getenv(), home), PkiDirectory.of(System.getenv(), home));
  }

  /**
   * Reads a URI.
   *
   * @param text the URI; empty: the nearest daemon and its default driver
   * @param sockets sockets to use where the URI names none
   * @param pki directory of certificates to use where the URI names none
   * @throws DroverException CONNECTION_URI_INVALID, or NOT_SUPPORTED for a transport this client
   *     does not have
   */
  public static ConnectionUri parse(String text, DefaultSockets sockets, Path pki) {
    if (text.isEmpty()) {
      return new ConnectionUri(Optional.empty(), new Target.Unix(sockets.nearest()));
    }
    URI uri = read(text);
    String scheme = uri.getScheme();
    int plus = scheme.indexOf('+');
    String driver = plus < 0 ? scheme : scheme.substring(0, plus);
    String transport = plus < 0 ? implied(uri) : scheme.substring(plus + 1);
    Target target =
        switch (transport) {
          case UNIX -> unix(text, uri, sockets);
          case TLS -> tls(text, uri, pki);
          default ->
              throw new DroverException(
                  ErrorReason.ERROR_REASON_NOT_SUPPORTED,
                  "Transport '%s' of the connection URI '%s' is not supported; supported are 'unix' and 'tls', for example '%s+unix://%s?socket=/path' or '%s+tls://host%s'"
                      .formatted(transport, text, driver, uri.getPath(), driver, uri.getPath()));
        };
    return new ConnectionUri(Optional.of(driver + "://" + uri.getRawPath()), target);
  }

  private static Target unix(String text, URI uri, DefaultSockets sockets) {
    if (uri.getRawAuthority() != null) {
      throw invalid(
          text, "the unix transport reaches this host only: write three slashes before the path");
    }
    return new Target.Unix(
        path(text, uri, SOCKET).orElseGet(() -> defaultSocket(uri.getPath(), sockets)));
  }

  private static Target tls(String text, URI uri, Path pki) {
    String host = Optional.ofNullable(uri.getHost()).orElse("");
    if (host.isEmpty()) {
      throw invalid(text, "the tls transport needs a host: driver+tls://host[:port]/path");
    }
    if (uri.getRawUserInfo() != null) {
      throw invalid(text, "the tls transport knows its user by the certificate: leave out 'user@'");
    }
    if (uri.getPort() == 0 || uri.getPort() > LAST_PORT) {
      throw invalid(text, "the port must be from 1 to 65535");
    }
    return new Target.Tls(
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        uri.getPort() < 0 ? DEFAULT_TLS_PORT : uri.getPort(),
        path(text, uri, PKI_PATH).orElse(pki));
  }

  private static URI read(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw invalid(text, e.getReason());
    }
    if (uri.getScheme() == null || uri.isOpaque() || uri.getRawPath().isEmpty()) {
      throw invalid(
          text, "expected driver:///path, for example 'qemu:///session' or 'test:///default'");
    }
    if (uri.getRawFragment() != null) {
      throw invalid(text, "it has a fragment ('#...')");
    }
    return uri;
  }

  /** A host without a transport means TLS, as in libvirt. */
  private static String implied(URI uri) {
    return uri.getRawAuthority() == null ? UNIX : TLS;
  }

  private static Path defaultSocket(String path, DefaultSockets sockets) {
    return switch (path) {
      case "/system" -> sockets.system();
      case "/session" -> sockets.session();
      default -> sockets.nearest();
    };
  }

  /** The one parameter that a transport has: an absolute path. */
  private static Optional<Path> path(String text, URI uri, String known) {
    Map<String, String> parameters = parameters(text, uri);
    for (String name : parameters.keySet()) {
      if (!name.equals(known)) {
        throw invalid(text, "unknown parameter '" + name + "'; known is '" + known + "'");
      }
    }
    String value = parameters.get(known);
    if (value == null) {
      return Optional.empty();
    }
    try {
      Path path = Path.of(value);
      if (path.isAbsolute()) {
        return Optional.of(path);
      }
    } catch (InvalidPathException e) {
      throw invalid(text, "'" + known + "' is not a path: " + e.getReason());
    }
    throw invalid(text, "'" + known + "' must be an absolute path");
  }

  private static Map<String, String> parameters(String text, URI uri) {
    Map<String, String> parameters = new LinkedHashMap<>();
    String query = uri.getRawQuery();
    if (query == null || query.isEmpty()) {
      return parameters;
    }
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw invalid(text, "parameter '" + pair + "' has no value");
      }
      String name = decode(pair.substring(0, equals));
      if (parameters.put(name, decode(pair.substring(equals + 1))) != null) {
        throw invalid(text, "parameter '" + name + "' is given twice");
      }
    }
    return parameters;
  }

  /** Percent-decoding; a plus sign is itself, since this is not an HTML form. */
  private static String decode(String raw) {
    return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static DroverException invalid(String text, String why) {
    return new DroverException(
        ErrorReason.ERROR_REASON_CONNECTION_URI_INVALID,
        "Connection URI '%s' cannot be read: %s".formatted(text, why));
  }
}
