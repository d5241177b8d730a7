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
import java.util.Set;

/**
 * A client-side connection URI, in libvirt's form {@code
 * driver[+transport]:///path[?socket=/path]}: which daemon to reach, and which of its drivers is
 * meant.
 *
 * @param driverUri what the daemon is told, for example "qemu:///session"; empty: the daemon's
 *     default driver answers
 * @param socket the daemon's unix socket
 */
public record ConnectionUri(Optional<String> driverUri, Path socket) {
  private static final String UNIX = "unix";
  private static final Set<String> PARAMETERS = Set.of("socket");

  /**
   * Reads a URI; sockets not named in it are those of this user on this host.
   *
   * @param text the URI; empty: the nearest daemon and its default driver
   * @throws DroverException CONNECTION_URI_INVALID, or NOT_SUPPORTED for a transport this client
   *     does not have
   */
  public static ConnectionUri parse(String text) {
    return parse(
        text, DefaultSockets.of(System.getenv(), Path.of(System.getProperty("user.home", "/"))));
  }

  /**
   * Reads a URI.
   *
   * @param text the URI; empty: the nearest daemon and its default driver
   * @param sockets sockets to use where the URI names none
   * @throws DroverException CONNECTION_URI_INVALID, or NOT_SUPPORTED for a transport this client
   *     does not have
   */
  public static ConnectionUri parse(String text, DefaultSockets sockets) {
    if (text.isEmpty()) {
      return new ConnectionUri(Optional.empty(), sockets.nearest());
    }
    URI uri = read(text);
    String scheme = uri.getScheme();
    int plus = scheme.indexOf('+');
    String driver = plus < 0 ? scheme : scheme.substring(0, plus);
    String transport = plus < 0 ? implied(uri) : scheme.substring(plus + 1);
    if (!transport.equals(UNIX)) {
      throw new DroverException(
          ErrorReason.ERROR_REASON_NOT_SUPPORTED,
          "Transport '%s' of the connection URI '%s' is not supported; supported is 'unix', for example '%s+unix://%s?socket=/path'"
              .formatted(transport, text, driver, uri.getPath()));
    }
    if (uri.getRawAuthority() != null) {
      throw invalid(
          text, "the unix transport reaches this host only: write three slashes before the path");
    }
    Path socket = socket(text, uri).orElseGet(() -> defaultSocket(uri.getPath(), sockets));
    return new ConnectionUri(Optional.of(driver + "://" + uri.getRawPath()), socket);
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
    return uri.getRawAuthority() == null ? UNIX : "tls";
  }

  private static Path defaultSocket(String path, DefaultSockets sockets) {
    return switch (path) {
      case "/system" -> sockets.system();
      case "/session" -> sockets.session();
      default -> sockets.nearest();
    };
  }

  private static Optional<Path> socket(String text, URI uri) {
    Map<String, String> parameters = parameters(text, uri);
    for (String name : parameters.keySet()) {
      if (!PARAMETERS.contains(name)) {
        throw invalid(text, "unknown parameter '" + name + "'; known is 'socket'");
      }
    }
    String value = parameters.get("socket");
    if (value == null) {
      return Optional.empty();
    }
    try {
      Path socket = Path.of(value);
      if (socket.isAbsolute()) {
        return Optional.of(socket);
      }
    } catch (InvalidPathException e) {
      throw invalid(text, "'socket' is not a path: " + e.getReason());
    }
    throw invalid(text, "'socket' must be an absolute path");
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
