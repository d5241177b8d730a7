package dev.drover.client;

import dev.drover.client.ConnectionUri.Target;
import dev.drover.client.ConnectionUri.Target.Ssh.Daemon;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads connection URIs of the ssh transport. Host and user are held to what names consist of: they
 * become words of a command line and, in people's own ssh configurations, parts of commands.
 */
final class SshUri {
  private static final String SOCKET = "socket";
  private static final String KEY_FILE = "keyfile";
  private static final String KNOWN_HOSTS = "known_hosts";
  private static final String COMMAND = "command";
  private static final String BRIDGE = "bridge";
  private static final List<String> KNOWN = List.of(SOCKET, KEY_FILE, KNOWN_HOSTS, COMMAND, BRIDGE);
  private static final int LAST_PORT = 65535;

  private static final Pattern AUTHORITY =
      Pattern.compile("(?:(?<user>.*)@)?(?<host>\\[[^]]*]|[^:]*)(?::(?<port>[0-9]{1,5}))?");
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.@+-]*");

  /** Also the names that only an ssh configuration knows, which may have underscores. */
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*");

  private static final Pattern ADDRESS = Pattern.compile("\\[(?<ip>[0-9A-Fa-f:.]+)]");

  private SshUri() {}

  static Target.Ssh target(String text, URI uri) {
    String authority = Optional.ofNullable(uri.getRawAuthority()).orElse("");
    Matcher parts = AUTHORITY.matcher(authority);
    if (authority.isEmpty() || !parts.matches()) {
      throw UriParameters.invalid(
          text, "the ssh transport needs a host: driver+ssh://[user@]host[:port]/path");
    }
    UriParameters parameters = UriParameters.of(text, uri, KNOWN);
    return new Target.Ssh(
        Optional.ofNullable(parts.group("user")).map(raw -> user(text, UriParameters.decode(raw))),
        host(text, parts.group("host")),
        Optional.ofNullable(parts.group("port"))
            .map(port -> OptionalInt.of(port(text, port)))
            .orElseGet(OptionalInt::empty),
        daemon(text, uri, parameters),
        parameters.text(BRIDGE).map(words -> bridge(text, words)).orElse("drover"),
        parameters.path(KEY_FILE).map(path -> configurable(text, KEY_FILE, path)),
        parameters.path(KNOWN_HOSTS).map(path -> configurable(text, KNOWN_HOSTS, path)),
        parameters.path(COMMAND));
  }

  private static String user(String text, String user) {
    if (!USER.matcher(user).matches()) {
      throw UriParameters.invalid(text, "'" + user + "' cannot be a user's name");
    }
    return user;
  }

  private static String host(String text, String host) {
    Matcher address = ADDRESS.matcher(host);
    if (address.matches()) {
      return address.group("ip");
    }
    if (!HOST.matcher(host).matches()) {
      throw UriParameters.invalid(text, "'" + host + "' cannot be a host's name");
    }
    return host;
  }

  private static int port(String text, String digits) {
    int port = Integer.parseInt(digits);
    if (port == 0 || port > LAST_PORT) {
      throw UriParameters.invalid(text, "the port must be from 1 to 65535");
    }
    return port;
  }

  private static Daemon daemon(String text, URI uri, UriParameters parameters) {
    Optional<String> socket = parameters.text(SOCKET);
    if (socket.isPresent()) {
      if (!socket.get().startsWith("/")) {
        throw UriParameters.invalid(text, "'" + SOCKET + "' must be an absolute path");
      }
      return new Daemon.At(socket.get());
    }
    return switch (uri.getPath()) {
      case "/system" -> new Daemon.OfSystem();
      case "/session" -> new Daemon.OfSession();
      default -> new Daemon.Nearest();
    };
  }

  /** A program of the other host; never a word that looks like an option to a shell. */
  private static String bridge(String text, String program) {
    if (program.startsWith("-")) {
      throw UriParameters.invalid(text, "'" + BRIDGE + "' must name a program");
    }
    return program;
  }

  /** ssh reads these paths as its configuration: some characters have a meaning there. */
  private static Path configurable(String text, String name, Path path) {
    if (path.toString()
        .chars()
        .anyMatch(c -> "\"\\$".indexOf(c) >= 0 || Character.isISOControl(c))) {
      throw UriParameters.invalid(
          text, "'" + name + "' must be a path without quotes, backslashes and dollar signs");
    }
    return path;
  }
}
