package dev.drover.client;

import dev.drover.v1.ErrorReason;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A client-side connection URI, in libvirt's form {@code
 * driver[+transport]://[host[:port]]/path[?parameter=value]}: which daemon to reach, and which of
 * its drivers is meant. Transports are {@code unix} for this host (parameter {@code socket}), and
 * for others {@code tls} (parameter {@code pkipath}) and {@code ssh} (parameters {@code socket},
 * {@code keyfile}, {@code known_hosts}, {@code command} and {@code bridge}); a host without a
 * transport means TLS.
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
  private static final String SSH = "ssh";
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

    /**
     * Wherever a person's own {@code ssh} logs in: their configuration, keys and agent count.
     *
     * @param user whom to log in as; empty: as ssh is configured
     * @param host name or address, or what ssh's configuration calls it
     * @param port where ssh listens; empty: as ssh is configured
     * @param daemon which of the host's daemons
     * @param bridge the {@code drover} program there
     * @param keyFile the one private key to log in with; empty: as ssh is configured
     * @param knownHosts file of the host keys that are believed; empty: as ssh is configured
     * @param command the ssh program on this host; empty: the one in PATH
     */
    record Ssh(
        Optional<String> user,
        String host,
        OptionalInt port,
        Daemon daemon,
        String bridge,
        Optional<Path> keyFile,
        Optional<Path> knownHosts,
        Optional<Path> command)
        implements Target {
      /** One of the daemons of a host. */
      public sealed interface Daemon {
        /** The host's own. */
        record OfSystem() implements Daemon {}

        /** That of the user who logs in. */
        record OfSession() implements Daemon {}

        /** The user's where it runs, else the host's. */
        record Nearest() implements Daemon {}

        /**
         * Behind a socket.
         *
         * @param socket absolute path on that host
         */
        record At(String socket) implements Daemon {}
      }

      /** User, host and port as far as they are given, for messages. */
      public String authority() {
        String address = host.contains(":") ? "[" + host + "]" : host;
        return user.map(name -> name + "@").orElse("")
            + address
            + (port.isPresent() ? ":" + port.getAsInt() : "");
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
          case SSH -> SshUri.target(text, uri);
          default ->
              throw new DroverException(
                  ErrorReason.ERROR_REASON_NOT_SUPPORTED,
                  "Transport '%s' of the connection URI '%s' is not supported; supported are 'unix', 'tls' and 'ssh', for example '%s+unix://%s?socket=/path' or '%s+tls://host%s'"
                      .formatted(transport, text, driver, uri.getPath(), driver, uri.getPath()));
        };
    return new ConnectionUri(Optional.of(driver + "://" + uri.getRawPath()), target);
  }

  private static Target unix(String text, URI uri, DefaultSockets sockets) {
    if (uri.getRawAuthority() != null) {
      throw UriParameters.invalid(
          text, "the unix transport reaches this host only: write three slashes before the path");
    }
    return new Target.Unix(
        UriParameters.of(text, uri, List.of(SOCKET))
            .path(SOCKET)
            .orElseGet(() -> defaultSocket(uri.getPath(), sockets)));
  }

  private static Target tls(String text, URI uri, Path pki) {
    String host = Optional.ofNullable(uri.getHost()).orElse("");
    if (host.isEmpty()) {
      throw UriParameters.invalid(
          text, "the tls transport needs a host: driver+tls://host[:port]/path");
    }
    if (uri.getRawUserInfo() != null) {
      throw UriParameters.invalid(
          text, "the tls transport knows its user by the certificate: leave out 'user@'");
    }
    if (uri.getPort() == 0 || uri.getPort() > LAST_PORT) {
      throw UriParameters.invalid(text, "the port must be from 1 to 65535");
    }
    return new Target.Tls(
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        uri.getPort() < 0 ? DEFAULT_TLS_PORT : uri.getPort(),
        UriParameters.of(text, uri, List.of(PKI_PATH)).path(PKI_PATH).orElse(pki));
  }

  private static String reason(String text, URISyntaxException problem) {
    int place = problem.getIndex();
    boolean character = problem.getReason().startsWith("Illegal character");
    if (!character || place < 0 || place >= text.length() || text.charAt(place) > 0x7f) {
      return problem.getReason();
    }
    return "%s: write '%c' as %%%02X"
        .formatted(problem.getReason(), text.charAt(place), (int) text.charAt(place));
  }

  private static URI read(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw UriParameters.invalid(text, reason(text, e));
    }
    if (uri.getScheme() == null || uri.isOpaque() || uri.getRawPath().isEmpty()) {
      throw UriParameters.invalid(
          text, "expected driver:///path, for example 'qemu:///session' or 'test:///default'");
    }
    if (uri.getRawFragment() != null) {
      throw UriParameters.invalid(text, "it has a fragment ('#...')");
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
}
